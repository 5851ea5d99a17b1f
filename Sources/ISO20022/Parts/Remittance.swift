/// What a payment is for.
public struct Remittance: Hashable, Sendable {
    /// Lines of free text.
    public var lines: [String] = []
    /// The same for machines.
    public var structured: [StructuredRemittance] = []

    /// Makes empty information.
    public init() {}

    /// All lines of text, those of structured information after the others.
    public var allLines: [String] { lines + structured.flatMap(\.additionalLines) }
}

/// What a payment is for, in fields.
public struct StructuredRemittance: Hashable, Sendable {
    /// An invoice or order that is paid.
    public struct Document: Hashable, Sendable {
        /// `CINV` for an invoice, `PUOR` for a purchase order, or a word of the parties' own.
        public var kind: String?
        /// Its number.
        public var number: String?
        /// Its date.
        public var date: CivilDate?
        /// The numbers of its lines, from version 09 of pain.001 and version 08 of camt.
        public var lines: [String] = []

        /// Makes a document of which nothing is known.
        public init() {}
    }

    /// Documents that are paid.
    public var documents: [Document] = []
    /// The creditor's reference, as on its invoice.
    public var creditorReference: String?
    /// Who is invoiced.
    public var invoicee: Party?
    /// Lines of free text.
    public var additionalLines: [String] = []

    /// Makes empty information.
    public init() {}
}
