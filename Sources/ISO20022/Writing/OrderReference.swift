/// The ledger's order that a payment belongs to, as it stands in remittance information.
public struct OrderReference: Hashable, Sendable {
    /// The order's number on the ledger.
    public let order: UInt64
    /// The order's line, where the payment is for one.
    public let line: Int?
    /// Who bought, by name.
    public let buyer: String?

    /// Makes a reference.
    public init(order: UInt64, line: Int? = nil, buyer: String? = nil) {
        self.order = order
        self.line = line
        self.buyer = buyer
    }

    /// `ORDER 42 LINE 3 BUYER Acme Ltd`, in one line of up to 140 characters, the buyer's name cut.
    public var text: String {
        var text = "ORDER \(order)"
        if let line { text += " LINE \(line)" }
        if let buyer { text += " BUYER " + buyer }
        return String(text.unicodeScalars.prefix(140))
    }

    /// The same as remittance information: a line of text, and the same for machines.
    ///
    /// For machines it is a purchase order with the line's number, and the buyer as the one who is invoiced. SEPA allows only
    /// one of the two.
    public func remittance(text hasText: Bool = true, structured isStructured: Bool = true)
        -> Remittance
    {
        var remittance = Remittance()
        if hasText { remittance.lines = [text] }
        if isStructured {
            var document = StructuredRemittance.Document()
            document.kind = "PUOR"
            document.number = String(order)
            if let line { document.lines = [String(line)] }
            var structured = StructuredRemittance()
            structured.documents = [document]
            structured.invoicee = buyer.map { Party(name: $0) }
            remittance.structured = [structured]
        }
        return remittance
    }

    /// Finds an order in what a payer wrote: a purchase order's number, or the word `ORDER` and a number in any line.
    ///
    /// - Returns: nil where there is none, or where there are several different ones: a person must look.
    public init?(_ remittance: Remittance) {
        var found: [OrderReference] = []
        for document in remittance.structured.flatMap(\.documents) where document.kind == "PUOR" {
            guard let order = document.number.flatMap(Self.number) else { continue }
            found.append(OrderReference(order: order, line: document.lines.first.flatMap(Int.init)))
        }
        for line in remittance.allLines {
            let words = line.split { $0 == " " || $0 == "," || $0 == ";" || $0 == ":" || $0 == "/" }
            for (index, word) in words.enumerated().dropLast() where word.uppercased() == "ORDER" {
                guard let order = Self.number(words[index + 1]) else { continue }
                var number: Int?
                if index + 3 < words.count, words[index + 2].uppercased() == "LINE" {
                    number = Int(words[index + 3])
                }
                found.append(OrderReference(order: order, line: number))
            }
        }
        guard let first = found.first, found.allSatisfy({ $0.order == first.order }) else {
            return nil
        }
        self = found.first { $0.line != nil } ?? first
    }

    private static func number(_ text: some StringProtocol) -> UInt64? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(text) : nil
    }
}
