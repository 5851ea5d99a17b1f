/// Why bytes are no acceptable JSON text, and at which byte.
public struct JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was met.
    public enum Kind: Equatable, Sendable {
        /// The text ended inside a value.
        case truncated
        /// A byte that cannot stand here.
        case unexpectedByte
        /// Something other than white space after the value.
        case trailingBytes
        /// A number against the grammar, such as `01`, `1.` or `+1`.
        case badNumber
        /// A number longer than the limit.
        case longNumber
        /// A backslash followed by something that is no escape, or half of a surrogate pair.
        case badEscape
        /// A byte below 0x20 inside a string.
        case controlCharacter
        /// Bytes that are no UTF-8.
        case badUTF8
        /// A name for the second time in one object.
        case duplicateName
        /// Arrays and objects inside each other beyond the limit.
        case tooDeep
        /// More values than the limit.
        case tooManyValues
        /// More names than the limit, in all objects together.
        case tooManyNames
    }

    /// What was met.
    public let kind: Kind
    /// Where, in bytes from the start of the text.
    public let offset: Int

    /// Makes a fault.
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// One sentence for a person.
    public var description: String { "\(explanation) at byte \(offset)" }

    private var explanation: String {
        switch kind {
        case .truncated: "the text ends too early"
        case .unexpectedByte: "unexpected character"
        case .trailingBytes: "something follows the value"
        case .badNumber: "a number that JSON does not allow"
        case .longNumber: "a number with too many digits"
        case .badEscape: "an escape that JSON does not allow"
        case .controlCharacter: "an unescaped control character in a string"
        case .badUTF8: "invalid UTF-8"
        case .duplicateName: "a name twice in one object"
        case .tooDeep: "too many arrays and objects inside each other"
        case .tooManyValues: "too many values"
        case .tooManyNames: "too many names"
        }
    }
}

/// What a JSON text may cost its reader.
public struct JSONLimits: Sendable {
    /// How many arrays and objects may stand inside each other.
    public var depth = 64
    /// The length of one number's text, in bytes.
    public var numberBytes = 128
    /// How many values one document tree may have; each costs up to about 100 bytes of memory.
    public var values = 262_144

    /// How many names a document may have, whether a tree is made of it or not.
    ///
    /// A tree is bounded by ``values`` already.
    public var names = Int.max

    /// The limits for text from outside.
    public init() {}

    /// Limits for a large file of our own: 16 million values.
    public static let trustedFile = {
        var limits = JSONLimits()
        limits.values = 1 << 24
        return limits
    }()
}
