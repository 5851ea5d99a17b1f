import Ledger

extension TemplateReader {
    mutating func readRoles(_ field: Field) {
        guard let table = reader.table(field, limit: Template.roleLimit) else { return }
        for (name, _, field) in table {
            guard
                let members = reader.members(field, ["pays", "arbiter", "many", "least"])
            else { continue }
            let pays = reader.flag(members["pays"])
            let isArbiter = reader.flag(members["arbiter"])
            let most = members["many"].flatMap { reader.integer($0, 1...UInt64(Terms.lineLimit)) }
            var least: UInt64 = 1
            if let field = members["least"] {
                if let most {
                    least = reader.integer(field, 1...most) ?? 1
                } else if members["many"] == nil {
                    reader.fault(field, "only a role of many members has a least number")
                }
            }
            if members["many"] != nil, pays || isArbiter {
                reader.fault(members.field("many"), "who pays and who decides is one account")
            }
            if pays, isArbiter {
                reader.fault(members.field("arbiter"), "who pays cannot decide disputes")
            }
            roles.append(
                Template.Role(
                    name: name, pays: pays, isArbiter: isArbiter, isMany: members["many"] != nil,
                    members: Int(least)...Int(max(most ?? 1, least))))
        }
        if roles.count(where: \.pays) != 1 { reader.fault(field, "exactly one role pays") }
        if roles.count(where: \.isArbiter) > 1 {
            reader.fault(field, "at most one role is the arbiter")
        }
        let members = roles.reduce(0) { $0 + ($1.isMany ? $1.members.upperBound : 0) }
        if members > Template.memberLimit {
            reader.fault(
                field,
                "roles of many could have \(members) members together, "
                    + "at most \(Template.memberLimit) allowed")
        }
    }

    mutating func readParameters(_ field: Field) {
        guard let table = reader.table(field, limit: Template.parameterLimit) else { return }
        for (name, _, field) in table {
            guard let members = reader.members(field, ["type", "for", "min", "max", "default"])
            else { continue }
            guard let typeField = members["type"] else {
                reader.fault(field, "it has no type")
                continue
            }
            let types = Template.ParameterType.allCases.map { ($0.rawValue, $0) }
            guard let type = reader.choice(typeField, types) else { continue }
            let role = members["for"].flatMap { field -> Int? in
                guard let role = reader.reference(field, to: roles.map(\.name), "role") else {
                    return nil
                }
                guard roles[role].isMany else {
                    reader.fault(field, "only a role of many members has a value each")
                    return nil
                }
                return role
            }
            let min = members["min"].flatMap { value($0, type) } ?? 0
            let max = members["max"].flatMap { value($0, type) } ?? type.limit
            guard min <= max else {
                reader.fault(members.field("min"), "the least is more than the most")
                continue
            }
            let standard = members["default"].flatMap { value($0, type) }
            if let standard, !(min...max).contains(standard) {
                reader.fault(members.field("default"), "it is not between the least and the most")
            }
            parameters.append(
                Template.Parameter(
                    name: name, type: type, role: role, range: min...max, standard: standard))
        }
        let values = parameters.reduce(0) {
            $0 + ($1.role.map { roles[$0].members.upperBound } ?? 0)
        }
        if values > Template.memberValueLimit {
            reader.fault(
                field,
                "members could have \(values) values together, "
                    + "at most \(Template.memberValueLimit) allowed")
        }
    }

    /// Roles and parameters stand beside each other in bindings.
    mutating func checkNames(_ root: Field) {
        for role in roles where Self.reserved.contains(role.name) {
            reader.fault(at(root, "roles", role.name), "the name has a meaning of its own")
        }
        for parameter in parameters {
            let field = at(root, "parameters", parameter.name)
            if Self.reserved.contains(parameter.name) {
                reader.fault(field, "the name has a meaning of its own")
            } else if roles.contains(where: { $0.name == parameter.name }) {
                reader.fault(field, "a role has the same name")
            }
        }
    }

    private func at(_ root: Field, _ names: String...) -> Field {
        let pointer = names.reduce(root.pointer) { $0 + "/" + $1 }
        let place = root.node.place(of: pointer)
        return Field(node: DocumentNode(.null, at: place), pointer: pointer)
    }

    /// A value of a type, in smallest units, basis points or seconds.
    mutating func value(_ field: Field, _ type: Template.ParameterType) -> UInt128? {
        switch ValueReader.read(field.node, type) {
        case .success(let value): return value
        case .failure(let fault):
            reader.fault(field, fault.why)
            return nil
        }
    }
}
