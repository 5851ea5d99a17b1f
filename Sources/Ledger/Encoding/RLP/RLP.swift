/// Ethereum's Recursive Length Prefix encoding: byte strings and lists of them.
///
/// ``Reader`` takes known shapes apart without copying and ``Writer`` makes them; ``Value`` is the form
/// for shapes that are not known, for tools and tests. Reading is strict: there is one encoding of a
/// value, and any other is refused.
/// - Source: the Ethereum yellow paper, appendix B.
public enum RLP {
    /// How deep lists may be nested where the shape is not known.
    public static let maximumDepth = 64

    /// Where an item's payload is in the bytes that are read.
    @frozen
    public struct Item: Equatable, Sendable {
        /// Whether the payload is items itself; otherwise it is a byte string.
        public let isList: Bool
        /// The indices of the payload, in those of the slice that is read.
        public let payload: Range<Int>

        @inlinable
        init(isList: Bool, payload: Range<Int>) {
            self.isList = isList
            self.payload = payload
        }
    }

    /// Any item.
    public indirect enum Value: Hashable, Sendable {
        /// A byte string.
        case bytes([UInt8])
        /// A list.
        case list([Value])

        /// A number as RLP has it: its big-endian bytes without leading zeros, none for 0.
        public static func number(_ number: UInt64) -> Value {
            var bytes = [UInt8]()
            for shift in stride(from: UInt64(56), through: 0, by: -8) where number >> shift != 0 {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
            return .bytes(bytes)
        }
    }

    /// The encoding of a value.
    public static func encode(_ value: Value) -> [UInt8] {
        var writer = Writer()
        writer.write(value)
        return writer.bytes
    }

    /// Reads one value that takes all of the bytes.
    /// - Throws: ``DecodingFault`` for bytes that are not the encoding of a value, or one nested deeper
    ///   than ``maximumDepth``.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(DecodingFault) -> Value {
        var reader = Reader(bytes)
        let value = try reader.value(depth: maximumDepth)
        try reader.finish("the value")
        return value
    }

    /// Reads one value that takes all of the bytes.
    /// - Throws: ``DecodingFault`` as for a slice.
    public static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> Value {
        try decode(bytes[...])
    }
}
