import Ledger

extension TemplateReader {
    mutating func lines(_ field: Field) -> [Template.LineRule]? {
        guard let elements = reader.elements(field, limit: Template.lineLimit) else { return nil }
        let before = reader.faults.count
        let rules = elements.compactMap { line($0) }
        guard reader.faults.count == before else { return nil }
        if rules.count(where: { $0.amount == .rest }) != 1 {
            reader.fault(field, "exactly one line is the rest")
        }
        let most = rules.reduce(0) { $0 + $1.lines(members: roles[$1.to].members.upperBound) }
        if most > Terms.lineLimit {
            reader.fault(
                field, "an order could have \(most) lines, at most \(Terms.lineLimit) allowed")
        }
        return rules
    }

    private mutating func line(_ field: Field) -> Template.LineRule? {
        let known = ["to", "fixed", "share", "rest", "gate", "tier", "retain"]
        guard let members = reader.members(field, known) else { return nil }
        guard let toField = members["to"] else {
            reader.fault(field, "it has no payee, to")
            return nil
        }
        let to = reader.reference(toField, to: roles.map(\.name), "role")
        if let to, roles[to].isArbiter {
            reader.fault(toField, "the arbiter is paid nothing by the order")
        }
        let amount = to.flatMap { self.amount(members, to: $0) }
        let gate = members["gate"].flatMap {
            reader.reference($0, to: gates.map(\.name), "gate")
        }
        let tier = members["tier"].flatMap { reader.integer($0, 0...UInt64(UInt16.max)) } ?? 0
        let retain = members["retain"].flatMap { retention($0, after: gate) }
        guard let to, let amount else { return nil }
        return Template.LineRule(
            to: to, amount: amount, gate: gate, tier: UInt16(tier), retain: retain)
    }

    private mutating func amount(_ members: Members, to role: Int) -> Template.LineAmount? {
        let given = ["fixed", "share", "rest"].filter { members[$0] != nil }
        guard given.count == 1 else {
            reader.fault(members.field, "exactly one of fixed, share and rest wanted")
            return nil
        }
        if let field = members["fixed"] {
            return reference(field, .amount, of: role).map { .fixed($0) }
        }
        if let field = members["share"] {
            return reference(field, .share, of: role).map { .share($0) }
        }
        _ = reader.flag(members["rest"])
        if roles[role].isMany {
            reader.fault(members.field("rest"), "the rest goes to one account")
        }
        return .rest
    }

    private mutating func retention(_ field: Field, after gate: Int?) -> Template.Retention? {
        guard let members = reader.members(field, ["share", "until"]) else { return nil }
        for name in ["share", "until"] where members[name] == nil {
            reader.fault(field, "it has no \(name)")
        }
        let share = members["share"].flatMap { reference($0, .share, of: nil) }
        let until = members["until"].flatMap {
            reader.reference($0, to: gates.map(\.name), "gate")
        }
        guard let share, let until else { return nil }
        if until == gate {
            reader.fault(members.field("until"), "it is the line's own gate")
        }
        return Template.Retention(share: share, until: until)
    }

    /// A literal, or a parameter of the type that has a value for each member who gets one.
    private mutating func reference(
        _ field: Field, _ type: Template.ParameterType, of role: Int?
    ) -> Template.Value? {
        if case .string(let text) = field.node.value, FieldReader.isIdentifier(text) {
            guard let index = reader.reference(field, to: parameters.map(\.name), "parameter")
            else { return nil }
            guard parameters[index].type == type else {
                reader.fault(field, "a parameter of type \(type) wanted")
                return nil
            }
            let wanted = role.flatMap { roles[$0].isMany ? $0 : nil }
            guard parameters[index].role == wanted else {
                reader.fault(
                    field,
                    wanted.map { "a parameter for \(roles[$0].name) wanted: a value each" }
                        ?? "a parameter of one value wanted")
                return nil
            }
            return .parameter(index)
        }
        return value(field, type).map { .literal($0) }
    }
}
