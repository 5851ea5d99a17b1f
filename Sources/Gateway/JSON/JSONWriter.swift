import NIOCore

/// Appends JSON text to a buffer; commas come by themselves.
///
/// The caller keeps to the grammar: one value after each ``key(_:)``, objects and arrays closed.
public struct JSONWriter: Sendable {
    var buffer: ByteBuffer
    /// Whether a value stands before this place in the same array or object.
    var needsComma = false

    /// An empty text, with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
    }

    /// How many bytes are written.
    public var count: Int { buffer.readableBytes }

    /// A copy of the text in UTF-8.
    public var bytes: [UInt8] { Array(buffer.readableBytesView) }

    /// A copy of the text.
    public var text: String { String(buffer: buffer) }

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
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    @inline(__always)
    mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes a member's name; its value has to follow.
    public mutating func key(_ name: String) {
        string(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    /// Writes `null`.
    public mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    /// Writes a truth value.
    public mutating func bool(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
    }

    /// Writes a whole number in decimal digits.
    public mutating func number(_ value: some BinaryInteger) {
        separate()
        buffer.writeString(String(value))
    }

    /// Writes a floating-point number; `null` for what JSON cannot say (infinite, no number).
    public mutating func number(_ value: Double) {
        separate()
        buffer.writeString(value.isFinite ? "\(value)" : "null")
    }

    /// Writes a tree.
    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text):
            separate()
            buffer.writeString(text)
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
    public mutating func raw(_ value: JSONWriter) {
        separate()
        buffer.writeImmutableBuffer(value.buffer)
    }
}
