/// A value with one encoding in Ethereum's ABI.
///
/// A tuple has a head, one or more words for each member, and a tail. A static member stands in the
/// head; a dynamic one stands in the tail, and its place in the head holds the offset.
public protocol ABICodable {
    /// How many words the head of this value takes, seen from inside; at least 1.
    static var abiWords: Int { get }
    /// Whether it stands in a tail, as text, bytes, arrays and whatever holds one of them do.
    static var abiIsDynamic: Bool { get }

    /// Reads the value, from its own head on.
    /// - Throws: ``Rejection/badCalldata(_:)``, or ``Rejection/amountTooLarge(_:)`` for a sum from 2^128.
    init(abi reader: inout ABIReader) throws(Rejection)

    /// Writes the value, from its own head on.
    func encode(to writer: inout ABIWriter)
}

extension ABICodable {
    /// One word unless said otherwise.
    @inlinable public static var abiWords: Int { 1 }
    /// Static unless said otherwise.
    @inlinable public static var abiIsDynamic: Bool { false }
    /// How many words the value takes in the head of what holds it.
    @inlinable public static var abiWordsInHead: Int { abiIsDynamic ? 1 : abiWords }
}

extension Address: ABICodable {
    /// Reads `address`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for bits beyond 160.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.address() }

    /// Writes `address`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(word: Hash32(word: self)) }
}

extension Hash32: ABICodable {
    /// Reads `bytes32`, or `uint256` unchecked.
    /// - Throws: ``Rejection/badCalldata(_:)`` where nothing is left.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.word() }

    /// Writes `bytes32` or `uint256`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(word: self) }
}

extension Bool: ABICodable {
    /// Reads `bool`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for anything but 0 and 1.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.bool() }

    /// Writes `bool`.
    @inlinable
    public func encode(to writer: inout ABIWriter) {
        writer.write(word: Hash32(0, 0, 0, self ? 1 : 0))
    }
}

extension UInt8: ABICodable {
    /// Reads `uint8`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for more bits.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.uint() }

    /// Writes `uint8`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(uint: UInt128(self)) }
}

extension UInt16: ABICodable {
    /// Reads `uint16`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for more bits.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.uint() }

    /// Writes `uint16`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(uint: UInt128(self)) }
}

extension UInt64: ABICodable {
    /// Reads `uint64`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for more bits.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.uint() }

    /// Writes `uint64`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(uint: UInt128(self)) }
}

extension UInt128: ABICodable {
    /// Reads a sum, `uint256` below 2^128.
    /// - Throws: ``Rejection/amountTooLarge(_:)`` from 2^128 on.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) { self = try reader.amount() }

    /// Writes `uint256`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(uint: self) }
}

extension String: ABICodable {
    /// In a tail.
    @inlinable public static var abiIsDynamic: Bool { true }

    /// Reads `string`.
    /// - Throws: ``Rejection/badCalldata(_:)`` also for what is not UTF-8.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        guard let text = String(validating: try reader.counted(), as: UTF8.self) else {
            throw reader.fault("text is not UTF-8")
        }
        self = text
    }

    /// Writes `string`.
    public func encode(to writer: inout ABIWriter) { writer.write(counted: utf8) }
}

extension [UInt8]: ABICodable {
    /// In a tail.
    @inlinable public static var abiIsDynamic: Bool { true }

    /// Reads `bytes`; a copy, see ``ABIReader/bytes()`` for a view.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    @inlinable
    public init(abi reader: inout ABIReader) throws(Rejection) {
        self = Array(try reader.counted())
    }

    /// Writes `bytes`.
    @inlinable
    public func encode(to writer: inout ABIWriter) { writer.write(counted: self) }
}
