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
