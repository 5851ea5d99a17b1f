import JSON
import Ledger

extension JSON {
    /// The object without members that are nil.
    static func members(_ pairs: [(String, JSON?)]) -> JSON {
        .object(pairs.compactMap { name, value in value.map { JSON.Member(name, $0) } })
    }

    /// The value, if it is not `null`.
    ///
    /// The `nil` of an expression that can be a JSON value is JSON's own, so it is named.
    var present: JSON? { isNull ? Optional.none : self }

    /// Whether this is an array or object.
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    /// A whole number: a number, a quantity, or decimal digits in a string.
    var whole: UInt128? {
        if let unsigned { return unsigned }
        if let quantity { return quantity }
        return string.flatMap { Amount(decimal: $0)?.units }
    }

    /// A whole number of at most 64 bits.
    var whole64: UInt64? { whole.flatMap { UInt64(exactly: $0) } }

    /// An address in a string.
    var address: Address? { string.flatMap { Address(hex: $0) } }

    /// As a person reads it: text without quotes, everything else as JSON.
    var plain: String {
        switch self {
        case .string(let text), .number(let text): text
        default: Output.compact(self)
        }
    }

    /// The elements; none where this is no array.
    var elements: [JSON] { array ?? [] }
}
