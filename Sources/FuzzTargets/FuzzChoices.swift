import Ledger

/// Decisions from a fuzzer's bytes; zeros when they are used up.
package struct FuzzChoices {
    private var reader: ByteReader

    package init(_ bytes: [UInt8]) { reader = ByteReader(bytes) }

    /// Whether all bytes are used up.
    package var isOver: Bool { reader.remaining == 0 }

    /// The next byte.
    package mutating func byte() -> UInt8 { (try? reader.read(UInt8.self)) ?? 0 }

    /// A number below `count`, which is not 0.
    package mutating func below(_ count: Int) -> Int { Int(byte()) % count }

    /// The next eight bytes.
    package mutating func word() -> UInt64 { (try? reader.read(UInt64.self)) ?? 0 }

    /// Some bytes behind a length of one byte, as many as are left at most.
    package mutating func bytes() -> [UInt8] {
        let count = min(Int(byte()), reader.remaining)
        return (try? reader.readRaw(count)).map { Array($0) } ?? []
    }

    /// A number that is more often near to a meaningful one than any bytes would be.
    package mutating func number(near center: UInt64) -> UInt64 {
        let choice = byte()
        switch choice {
        case 0..<160: return center &+ UInt64(choice % 8) &- 3
        case 160..<250: return UInt64(choice - 160)
        case 250..<253: return .max - UInt64(choice & 1)
        default: return word()
        }
    }
}
