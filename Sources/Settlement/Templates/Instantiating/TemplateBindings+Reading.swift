import Ledger

extension TemplateBindings {
    /// Reads bindings, noting every fault.
    ///
    /// - Parameters:
    ///   - field: the document.
    ///   - template: what they are for.
    ///   - isExample: whether accounts and the token may be left out: each member then has an account of its
    ///     own.
    ///   - reader: takes the faults.
    /// - Returns: the bindings, nil if there is a fault.
    static func read(
        _ field: Field, for template: Template, isExample: Bool, _ reader: inout FieldReader
    ) -> TemplateBindings? {
        let known =
            TemplateReader.reserved + template.roles.map(\.name) + template.parameters.map(\.name)
        guard let members = reader.members(field, known) else { return nil }
        var parties: [[Address]] = []
        for (index, role) in template.roles.enumerated() {
            guard !reader.isFull else { return nil }
            if let field = members[role.name] {
                parties.append(accounts(field, role, &reader))
            } else if isExample {
                let count = count(of: role, in: template, members)
                parties.append(TemplateBindings.sampleAccounts(of: index, count: count))
            } else {
                reader.fault(field, "nobody is named as \(role.name)")
                parties.append([])
            }
            reader.count(parties[index].count)
        }
        var values: [[UInt128]] = []
        for (index, parameter) in template.parameters.enumerated() {
            guard !reader.isFull else { return nil }
            let count = parameter.role.map { parties[$0].count }
            values.append(
                Self.values(members, parameter, count: count, in: template, &reader))
            reader.count(values[index].count)
        }
        var bindings = TemplateBindings(parties: parties, values: values)
        if let field = members["token"] {
            bindings.token = address(field, &reader) ?? .zero
        } else if !isExample {
            reader.fault(field, "no token is named")
        }
        if let field = members["document"] {
            bindings.document = hash(field, &reader) ?? .zero
        }
        if let field = members["dueAt"] {
            if template.due != nil {
                reader.fault(field, "the template itself says when the order is due")
            }
            bindings.dueAt = reader.integer(field, 0...Terms.timeLimit) ?? 0
        }
        return reader.faults.isEmpty ? bindings : nil
    }

    /// The accounts of a role's members where none are named.
    ///
    /// They are counted, not hashed, since a short text can ask for thousands. All are different, and none is
    /// a contract's or an order's.
    ///
    /// - Parameters:
    ///   - role: the role's index.
    ///   - count: how many members it has.
    /// - Returns: an account for each.
    static func sampleAccounts(of role: Int, count: Int) -> [Address] {
        // "example " in ASCII.
        let high: UInt64 = 0x6578_616d_706c_6520
        return (1...max(count, 1)).prefix(count).map {
            Address(high: high, middle: UInt64(role + 1), low: UInt32($0))
        }
    }

    /// How many members a role has in an example that does not name them: as many as have values.
    private static func count(
        of role: Template.Role, in template: Template, _ members: Members
    ) -> Int {
        for parameter in template.parameters {
            guard let index = parameter.role, template.roles[index].name == role.name,
                let count = members[parameter.name]?.elements?.count
            else { continue }
            return min(max(count, role.members.lowerBound), role.members.upperBound)
        }
        return role.members.lowerBound
    }

    private static func accounts(
        _ field: Field, _ role: Template.Role, _ reader: inout FieldReader
    ) -> [Address] {
        guard role.isMany else { return [address(field, &reader) ?? .zero] }
        guard let elements = reader.elements(field, limit: role.members.upperBound) else {
            return []
        }
        if elements.count < role.members.lowerBound {
            reader.fault(field, "at least \(role.members.lowerBound) accounts wanted")
        }
        return elements.map { reader.isFull ? .zero : address($0, &reader) ?? .zero }
    }

    private static func address(_ field: Field, _ reader: inout FieldReader) -> Address? {
        guard case .string(let text) = field.node.value, text.utf8.count == 42,
            text.hasPrefix("0x"), let address = Address(checked: text)
        else {
            reader.fault(field, "an address wanted: 0x and 40 hexadecimal digits")
            return nil
        }
        return address
    }

    private static func hash(_ field: Field, _ reader: inout FieldReader) -> Hash32? {
        guard case .string(let text) = field.node.value, text.utf8.count == 66,
            text.hasPrefix("0x"), let hash = Hash32(hex: text)
        else {
            reader.fault(field, "a hash wanted: 0x and 64 hexadecimal digits")
            return nil
        }
        return hash
    }

    private static func values(
        _ members: Members, _ parameter: Template.Parameter, count: Int?, in template: Template,
        _ reader: inout FieldReader
    ) -> [UInt128] {
        guard let field = members[parameter.name] else {
            guard let standard = parameter.standard else {
                reader.fault(members.field, "it has no \(parameter.name)")
                return []
            }
            return Array(repeating: standard, count: count ?? 1)
        }
        guard let count else { return [value(field, parameter, &reader)] }
        guard let elements = reader.elements(field, limit: Terms.lineLimit) else { return [] }
        if elements.count != count {
            let role = parameter.role.map { template.roles[$0].name } ?? ""
            reader.fault(
                field, "\(elements.count) values for \(count) accounts of \(role)")
        }
        let least = parameter.range.lowerBound
        return elements.map { reader.isFull ? least : value($0, parameter, &reader) }
    }

    private static func value(
        _ field: Field, _ parameter: Template.Parameter, _ reader: inout FieldReader
    ) -> UInt128 {
        switch ValueReader.read(field.node, parameter.type) {
        case .failure(let fault): reader.fault(field, fault.why)
        case .success(let value):
            if parameter.range.contains(value) { return value }
            let least = written(parameter.range.lowerBound, parameter.type)
            let most = written(parameter.range.upperBound, parameter.type)
            reader.fault(field, "\(least) to \(most) wanted")
        }
        return parameter.range.lowerBound
    }

    private static func written(_ value: UInt128, _ type: Template.ParameterType) -> String {
        switch ValueReader.text(value, type).value {
        case .string(let text): text
        default: String(value)
        }
    }
}
