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
        let template = reader.read(document)
        return (template, reader.reader.faults)
    }

    /// Reads a document; nil if there is a fault.
    mutating func read(_ document: DocumentNode) -> Template? {
        var template = template(document)
        if reader.faults.isEmpty, let found = template {
            template?.examples = examples(of: found, document)
        }
        return reader.faults.isEmpty ? template : nil
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
}
