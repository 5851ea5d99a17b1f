import Ledger

/// Turns a document into a template, gathering every fault on the way.
struct TemplateReader {
    var reader: FieldReader
    var roles: [Template.Role] = []
    var parameters: [Template.Parameter] = []
    var gates: [Template.GateRule] = []

    static let members = [
        "language", "name", "description", "locale", "industry", "roles", "parameters", "gates",
        "price", "require", "lines", "due", "royalty", "entities", "examples",
    ]

    /// Names of bindings that are neither roles nor parameters.
    static let reserved = ["token", "document", "dueAt"]

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - limit: how many faults are gathered.
    /// - Returns: the template, nil if there is a fault; and every fault up to the limit.
    static func read(
        _ document: DocumentNode, faults limit: Int
    ) -> (Template?, [TemplateFault]) {
        var reader = TemplateReader(reader: FieldReader(limit: limit))
        var template = reader.template(document)
        if reader.reader.faults.isEmpty, let found = template {
            template?.examples = reader.examples(of: found, document)
        }
        return (reader.reader.faults.isEmpty ? template : nil, reader.reader.faults)
    }

    private mutating func template(_ document: DocumentNode) -> Template? {
        let root = Field(node: document, pointer: "")
        guard let members = reader.members(root, Self.members) else { return nil }
        for name in ["language", "name", "roles", "price", "lines"] where members[name] == nil {
            reader.fault(root, "it has no \(name)")
        }
        let version = UInt64(Template.languageVersion)
        let language = members["language"].flatMap { reader.integer($0, version...version) }
        let name = members["name"].flatMap { reader.text($0, bytes: 1...128) }
        let description = members["description"].flatMap { reader.text($0, bytes: 1...2000) }
        let industry = members["industry"].flatMap { self.industry($0) }
        let royalty = members["royalty"].flatMap { self.royalty($0) }
        // What is named must be known before it is referred to.
        if let field = members["roles"] { readRoles(field) }
        if let field = members["parameters"] { readParameters(field) }
        checkNames(root)
        if let field = members["gates"] { readGates(field) }
        let price = members["price"].flatMap { self.price($0) }
        let require = members["require"].flatMap { requirements($0, price: price ?? LinearForm()) }
        let lines = members["lines"].flatMap { self.lines($0) }
        let due = members["due"].flatMap { moment($0, isFollowing: false) }
        let entities = members["entities"].flatMap { self.entities($0) }
        let locales = members["locale"].flatMap { self.locales($0) }
        guard let language, let name, let price, let lines, reader.faults.isEmpty else {
            return nil
        }
        return Template(
            language: Int(language), name: name, description: description ?? "",
            locales: locales ?? [], industry: industry, roles: roles, parameters: parameters,
            gates: gates, price: price, require: require ?? [], lines: lines, due: due,
            royalty: royalty ?? 0, entityRoles: entities ?? [], examples: [],
            canonicalBytes: document.canonicalBytes, document: document)
    }

    // MARK: Small members

    private mutating func industry(_ field: Field) -> String? {
        guard let text = reader.string(field, bytes: 1...8) else { return nil }
        let bytes = Array(text.utf8)
        guard (1...5).contains(bytes.count), (0x41...0x55).contains(bytes[0]),
            bytes.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
        else {
            reader.fault(field, "a section A to U and up to four digits wanted, such as C34")
            return nil
        }
        return text
    }

    private mutating func royalty(_ field: Field) -> UInt128? {
        let units: UInt128?
        switch field.node.value {
        case .number(let number): units = ValueText.fixedPoint(String(number), places: 18)
        case .string(let text) where text.utf8.count <= ValueText.bytesLimit:
            units = ValueText.fixedPoint(text, places: 18)
        default: units = nil
        }
        guard let units, units <= Template.royaltyLimit else {
            reader.fault(
                field, "DIP wanted, at most 1000000: a number, or a string such as \"0.5\"")
            return nil
        }
        return units
    }

    private mutating func entities(_ field: Field) -> [Int]? {
        guard let elements = reader.elements(field, limit: Template.roleLimit) else { return nil }
        var found: [Int] = []
        for element in elements {
            guard let role = reader.reference(element, to: roles.map(\.name), "role") else {
                continue
            }
            if found.contains(role) { reader.fault(element, "a role for the second time") }
            found.append(role)
        }
        return found.sorted()
    }

    // MARK: Roles and parameters

    private mutating func readRoles(_ field: Field) {
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
    }

    private mutating func readParameters(_ field: Field) {
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
    }

    /// Roles and parameters stand beside each other in bindings.
    private mutating func checkNames(_ root: Field) {
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

    // MARK: Price and requirements

    private mutating func price(_ field: Field) -> LinearForm? {
        guard let text = reader.string(field, bytes: 1...512) else { return nil }
        do throws(ExpressionReader.Fault) {
            let form = try ExpressionReader.sum(text, roles, parameters)
            let named = parameters.firstIndex { $0.name == "price" }
            var alone = LinearForm()
            if let named { alone.add(.one, .parameter(named)) }
            guard named == nil || form == alone else {
                reader.fault(field, "a parameter called price is the price")
                return nil
            }
            return form
        } catch {
            reader.fault(field, error.text)
            return nil
        }
    }

    private mutating func requirements(
        _ field: Field, price: LinearForm
    ) -> [Template.Requirement]? {
        guard let elements = reader.elements(field, limit: Template.requirementLimit) else {
            return nil
        }
        var found: [Template.Requirement] = []
        for element in elements {
            guard let text = reader.string(element, bytes: 1...512), !reader.isFull else {
                continue
            }
            do throws(ExpressionReader.Fault) {
                found.append(
                    try ExpressionReader.comparison(text, roles, parameters, price: price))
            } catch {
                reader.fault(element, error.text)
            }
        }
        return found
    }
}

extension Template {
    /// Reads a template.
    ///
    /// - Parameter json: its text in UTF-8, at most ``bytesLimit`` bytes.
    /// - Throws: the first ``TemplateFault``, with its place.
    public init(parsing json: [UInt8]) throws(TemplateFault) {
        try self.init(try DocumentNode(parsing: json))
    }

    /// Makes a template of a document that was read elsewhere, such as from YAML.
    ///
    /// - Throws: the first ``TemplateFault``, with its place.
    public init(_ document: DocumentNode) throws(TemplateFault) {
        let (template, faults) = TemplateReader.read(document, faults: 1)
        guard let template else { throw faults[0] }
        guard template.canonicalBytes.count <= Self.bytesLimit else {
            throw TemplateFault("", "more than \(Self.bytesLimit) bytes")
        }
        self = template
    }

    /// Every fault of a text that keeps it from being a template, in the order in which they were met.
    ///
    /// - Returns: at most 64; only the first where it is no JSON; none where ``init(parsing:)`` succeeds.
    public static func faults(parsing json: [UInt8]) -> [TemplateFault] {
        do throws(TemplateFault) {
            return faults(of: try DocumentNode(parsing: json))
        } catch {
            return [error]
        }
    }

    /// Every fault of a document that keeps it from being a template; at most 64.
    public static func faults(of document: DocumentNode) -> [TemplateFault] {
        TemplateReader.read(document, faults: FieldReader.faultLimit).1
    }
}
