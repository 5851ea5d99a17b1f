import Ledger

/// What a payer writes so that its money finds its way: a creditor reference of ISO 11649, `RF` with two check
/// digits, then `DIPO` and an order's number, or `DIPC` and a customer's.
///
/// The check digits are those that every bank's form checks already, so that a mistyped number is noticed
/// before the money is on its way. `DIP-ORDER-42` is the same order for a person to read; it counts only
/// together with its reference or where the customer is known otherwise. Numbers have up to 17 digits: a
/// reference has 25 characters at most.
public enum PaymentReference: Hashable, Sendable {
    /// For an order: money for its buyer.
    case order(UInt64)
    /// For a customer.
    case customer(Int64)

    private var body: String {
        switch self {
        case .order(let id): "DIPO\(id)"
        case .customer(let id): "DIPC\(id)"
        }
    }

    /// The reference without spaces, such as `RF09DIPO42`.
    public var text: String {
        let rest = CheckDigits.remainder(Array((body + "RF00").utf8)) ?? 0
        let digits = 98 - rest
        return "RF\(digits < 10 ? "0" : "")\(digits)\(body)"
    }

    /// Reads a reference, with or without spaces, in capital or small letters.
    ///
    /// - Returns: nil for another one, wrong check digits, and numbers with leading zeros.
    public init?(_ text: some StringProtocol) {
        let plain = String(text).replacing(" ", with: "").uppercased()
        guard plain.utf8.count <= 25, plain.hasPrefix("RF") else { return nil }
        let body = plain.dropFirst(4)
        let number = body.dropFirst(4)
        guard number.utf8.first != 0x30, number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        if body.hasPrefix("DIPO"), let id = UInt64(number) {
            self = .order(id)
        } else if body.hasPrefix("DIPC"), let id = Int64(number) {
            self = .customer(id)
        } else {
            return nil
        }
        guard self.text == plain else { return nil }
    }

    /// The references in a text that a person wrote.
    public static func all(in text: String) -> [PaymentReference] {
        var found: [PaymentReference] = []
        let capital = text.uppercased()
        var rest = capital[...]
        while let start = rest.firstRange(of: "RF") {
            rest = rest[start.upperBound...]
            // Groups of four, as such references are printed: as long as letters and digits go on.
            var candidate = "RF"
            for character in rest.prefix(40) {
                if character == " " { continue }
                guard character.isASCII, character.isLetter || character.isNumber else { break }
                candidate.append(character)
                guard candidate.utf8.count <= 25 else { break }
            }
            // What follows the number may be another one; where two beginnings have right check digits, both
            // count, so that a person decides.
            while candidate.utf8.count >= 9 {
                if let reference = PaymentReference(candidate) { found.append(reference) }
                candidate.removeLast()
            }
        }
        return found
    }
}
