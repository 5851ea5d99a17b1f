import Ledger

/// XML that is written element by element; the same content always gives the same bytes.
struct XMLText {
    /// The first amount with more than 18 digits, in smallest units.
    static let amountLimit = UInt128(1_000_000_000_000_000_000)

    private(set) var bytes: [UInt8] = []
    private let characters: CharacterRule
    private var depth = 0

    /// Begins a message with its `Document`.
    init(_ definition: MessageDefinition, _ characters: CharacterRule) {
        self.characters = characters
        append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        append("<Document xmlns=\"\(definition.namespace)\">\n")
        depth = 1
    }

    /// Ends the message.
    func finished() -> [UInt8] { bytes + Array("</Document>\n".utf8) }

    /// An element with others in it.
    mutating func element(
        _ name: String, _ content: (inout XMLText) throws(WritingFault) -> Void
    ) throws(WritingFault) {
        line("<\(name)>")
        depth += 1
        try content(&self)
        depth -= 1
        line("</\(name)>")
    }

    /// A text that must be whole: a name by which something is found again.
    mutating func whole(_ name: String, _ text: String, max: Int) throws(WritingFault) {
        let written = try characters.applied(to: text, element: name)
        guard !written.isEmpty else { throw .empty(element: name) }
        guard written.unicodeScalars.count <= max else { throw .tooLong(element: name, max: max) }
        value(name, written)
    }

    /// A text for people, which may be cut at its end; nothing is written for an empty one, and one of which
    /// nothing is left as characters demand is refused.
    mutating func cut(_ name: String, _ text: String?, max: Int) throws(WritingFault) {
        guard let text, !text.isEmpty else { return }
        let written = try characters.applied(to: text, element: name)
        guard !written.isEmpty else { throw .empty(element: name) }
        var cut = ""
        var count = 0
        // Whole characters, not half of one with its accent.
        for character in written {
            count += character.unicodeScalars.count
            if count > max { break }
            cut.append(character)
        }
        // Unless there is no room for the first: an element that is there must not be empty.
        if cut.isEmpty { cut.unicodeScalars.append(contentsOf: written.unicodeScalars.prefix(max)) }
        value(name, cut)
    }

    /// An amount above zero.
    mutating func payment(_ name: String, _ money: Money) throws(WritingFault) {
        guard money.amount.units > 0 else { throw .amount(element: name) }
        try amount(name, money)
    }

    /// An amount.
    mutating func amount(_ name: String, _ money: Money) throws(WritingFault) {
        guard money.amount.units < Self.amountLimit else { throw .amount(element: name) }
        let decimal = money.decimal
        line("<\(name) Ccy=\"\(money.currency)\">\(decimal)</\(name)>")
    }

    /// A value that needs no checking: a code, number, date or identifier of a type of its own.
    mutating func value(_ name: String, _ value: String) {
        line("<\(name)>\(Self.escaped(value))</\(name)>")
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: repeatElement(0x20, count: depth * 2))
        append(text)
        bytes.append(0x0a)
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { [0x26, 0x3c, 0x3e].contains($0) }) else { return text }
        // By scalars: a "<" and the accent behind it are one character of Swift's, and two of XML's.
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
