/// A JSON value.
///
/// Numbers keep their text and objects their order, so nothing is lost on the way.
public enum JSON: Sendable, Equatable {
    /// The literal `null`.
    case null
    /// The literal `true` or `false`.
    case bool(Bool)
    /// A number as it was written, by the grammar of RFC 8259; never rounded.
    case number(String)
    /// A string with its escapes resolved.
    case string(String)
    /// The elements in order.
    case array([JSON])
    /// The members in order; names differ when the value was read by ``JSON/init(parsing:limits:)``.
    case object([Member])

    /// One name and its value in an object.
    public struct Member: Sendable, Equatable {
        /// The name, with its escapes resolved.
        public let name: String
        /// The value.
        public let value: JSON

        /// Makes a member.
        @inlinable
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }
}

extension JSON {
    /// The value of the first member called `name`; nil if there is none or this is no object.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element at `index`; nil outside the array or if this is no array.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The text of a string, else nil.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The truth value, else nil.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements of an array, else nil.
    public var array: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members of an object, else nil.
    public var object: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// A number that is written as a whole one (`12`, not `12.0` or `1e3`) and fits, else nil.
    public var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        return Int64(text)
    }

    /// A number that is written as a whole one, is not negative and fits 128 bits, else nil.
    public var unsigned: UInt128? {
        guard case .number(let text) = self, !text.hasPrefix("-") else { return nil }
        return UInt128(text)
    }

    /// Ethereum's quantity: `0x` and hexadecimal digits with no leading zero (`0x0` for none).
    /// - Returns: nil for anything else and from 2^128 on.
    public var quantity: UInt128? {
        guard case .string(let text) = self else { return nil }
        return text.withUTF8Bytes { HexText.quantity($0) }
    }

    /// Ethereum's data: `0x` and two hexadecimal digits a byte, of either case.
    /// - Returns: nil for anything else; empty for `0x`.
    public var data: [UInt8]? {
        guard case .string(let text) = self else { return nil }
        return text.withUTF8Bytes { HexText.data($0) }
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .number(String(value)) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object, its members in the order written.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

extension JSON {
    /// A whole number.
    public static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// A quantity: `0x` and hexadecimal digits without leading zeros.
    public static func quantity(_ value: some BinaryInteger) -> JSON {
        .string("0x" + String(value, radix: 16))
    }

    /// Data: `0x` and two lower-case hexadecimal digits a byte.
    public static func data(_ bytes: some Sequence<UInt8>) -> JSON {
        var writer = JSONWriter()
        writer.hexDigits(of: Array(bytes))
        return .string("0x" + writer.text)
    }
}

extension String {
    /// Calls `body` with the text's UTF-8 bytes.
    func withUTF8Bytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        if let value = utf8.withContiguousStorageIfAvailable(body) { return value }
        return Array(utf8).withUnsafeBufferPointer(body)
    }
}
