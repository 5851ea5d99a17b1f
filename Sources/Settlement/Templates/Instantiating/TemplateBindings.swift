import Ledger

/// What the parties fill into a template: who they are, and what they agree.
///
/// Of the right form for it: a value for each role and parameter, within the parameter's bounds. Whether
/// they keep to its requirements, ``Template/instantiate(_:now:)`` says.
public struct TemplateBindings: Sendable, Equatable {
    /// The token that the order settles in.
    public var token: Address
    /// A hash of the contract behind it; zero for none.
    public var document: Hash32
    /// By when the escrow should be full, seconds; 0 where nothing is said.
    public var dueAt: UInt64
    /// The accounts of each role, in the order of ``Template/roles``.
    public internal(set) var parties: [[Address]]
    /// The values of each parameter, in the order of ``Template/parameters``: one, or one for each member
    /// of its role; in smallest units, basis points or seconds.
    public internal(set) var values: [[UInt128]]

    init(parties: [[Address]], values: [[UInt128]]) {
        token = .zero
        document = .zero
        dueAt = 0
        self.parties = parties
        self.values = values
    }

    /// Reads a JSON object of roles, parameters, and `token`, `document` and `dueAt`.
    ///
    /// - Parameters:
    ///   - json: its text in UTF-8, at most ``Template/bindingBytesLimit`` bytes.
    ///   - template: what they are for.
    /// - Throws: the first ``TemplateFault``, with its place.
    public init(parsing json: [UInt8], for template: Template) throws(TemplateFault) {
        let document = try DocumentReader.read(
            json, limit: Template.bindingBytesLimit, depth: 2)
        try self.init(document, for: template)
    }

    /// Takes bindings from a document that was read elsewhere, such as from YAML.
    ///
    /// - Throws: the first ``TemplateFault``, with its place.
    public init(_ document: DocumentNode, for template: Template) throws(TemplateFault) {
        var reader = FieldReader(limit: 1)
        let bindings = Self.read(
            Field(node: document, pointer: ""), for: template, isExample: false, &reader)
        guard let bindings, reader.faults.isEmpty else { throw reader.faults[0] }
        self = bindings
    }

    /// Every fault of bindings that keeps them from being read; at most 64.
    public static func faults(
        of document: DocumentNode, for template: Template
    ) -> [TemplateFault] {
        var reader = FieldReader()
        _ = read(Field(node: document, pointer: ""), for: template, isExample: false, &reader)
        return reader.faults
    }

    /// The canonical JSON that reads as these bindings.
    public func json(for template: Template) -> [UInt8] {
        var members: [DocumentNode.Member] = []
        func add(_ name: String, _ value: DocumentNode.Value) {
            members.append(DocumentNode.Member(name, DocumentNode(value)))
        }
        add("token", .string(token.hex))
        if document != .zero { add("document", .string("0x" + Hex.encode(document.bytes))) }
        if dueAt > 0 { add("dueAt", .number(dueAt)) }
        for (role, accounts) in zip(template.roles, parties) {
            let texts = accounts.map { DocumentNode(.string($0.hex)) }
            add(role.name, role.isMany ? .array(texts) : texts[0].value)
        }
        for (parameter, values) in zip(template.parameters, values) {
            let texts = values.map { ValueReader.text($0, parameter.type) }
            add(parameter.name, parameter.role != nil ? .array(texts) : texts[0].value)
        }
        return DocumentNode(.object(members)).canonicalBytes
    }
}
