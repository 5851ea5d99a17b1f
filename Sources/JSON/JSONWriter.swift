/// Appends JSON text to a buffer; commas come by themselves.
///
/// It is passed on, not copied. The caller keeps to the grammar: one value after each ``key(_:)``, objects
/// and arrays closed.
public struct JSONWriter: ~Copyable, Sendable {
    var written: GrowingText
    /// Whether a value stands before this place in the same array or object.
    package var needsComma = false

    /// An empty text, with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        written = GrowingText(capacity: capacity)
    }

    /// How many bytes are written.
    public var count: Int { written.count }

    /// A copy of the text.
    public var text: String { String(decoding: written.bytes, as: UTF8.self) }

    /// A copy of the text, in UTF-8.
    public var bytes: [UInt8] { Array(written.bytes) }

    /// Calls `body` with the text where it lies.
    package borrowing func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        body(written.bytes)
    }

    // MARK: Structure

    /// Writes an object whose members `body` writes.
    @inlinable
    public mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        openObject()
        try body(&self)
        closeObject()
    }

    /// Writes an array whose elements `body` writes.
    @inlinable
    public mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        openArray()
        try body(&self)
        closeArray()
    }

    /// Writes an array of one value for each of `elements`.
    @inlinable
    public mutating func array<Elements: Sequence, Failure: Error>(
        of elements: Elements,
        _ body: (inout JSONWriter, Elements.Element) throws(Failure) -> Void
    ) throws(Failure) {
        openArray()
        for element in elements { try body(&self, element) }
        closeArray()
    }

    /// Starts an object.
    public mutating func openObject() { open(UInt8(ascii: "{")) }
    /// Ends an object.
    public mutating func closeObject() { close(UInt8(ascii: "}")) }
    /// Starts an array.
    public mutating func openArray() { open(UInt8(ascii: "[")) }
    /// Ends an array.
    public mutating func closeArray() { close(UInt8(ascii: "]")) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        written.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        written.append(bracket)
        needsComma = true
    }

    @inline(__always)
    mutating func separate() {
        if needsComma { written.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes a member's name; its value has to follow.
    public mutating func key(_ name: String) {
        string(name)
        written.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    /// Writes `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// Writes a truth value.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// Writes a whole number in decimal digits.
    public mutating func number(_ value: some BinaryInteger) {
        separate()
        append(text: String(value))
    }

    /// Writes a floating-point number; `null` for what JSON cannot say (infinite, no number).
    public mutating func number(_ value: Double) {
        separate()
        append(text: value.isFinite ? "\(value)" : "null")
    }

    /// Writes a tree.
    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text):
            separate()
            append(text: text)
        case .string(let text): string(text)
        case .array(let elements):
            openArray()
            for element in elements { self.value(element) }
            closeArray()
        case .object(let members):
            openObject()
            for member in members {
                key(member.name)
                self.value(member.value)
            }
            closeObject()
        }
    }

    /// Writes bytes that are one JSON value already.
    public mutating func raw(_ value: [UInt8]) {
        separate()
        value.withUnsafeBytes { written.append($0) }
    }

    // MARK: Text that is not checked

    /// Appends text as it stands, which may be a piece of a value.
    package mutating func append(_ literal: StaticString) {
        written.append(
            UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    private mutating func append(text: String) {
        text.withUTF8Bytes { written.append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes as they stand, which may be a piece of a value.
    package mutating func append(_ piece: UnsafeRawBufferPointer) {
        written.append(piece)
    }

    /// Takes back everything after the first `count` bytes.
    package mutating func truncate(to count: Int) {
        written.truncate(to: count)
    }
}
