import CLinux

/// The processors of this machine, by number.
enum Processors {
    /// Numbers of more processors than that are not looked at.
    private static let limit = 1024

    /// Those that this process may run on, ascending.
    static var usable: [Int] {
        var bits = [UInt8](repeating: 0, count: limit / 8)
        guard sched_getaffinity(0, bits.count, &bits) >= 0 else { return [] }
        return (0..<limit).filter { bits[$0 / 8] & (1 << ($0 % 8)) != 0 }
    }

    /// Has the calling thread run on one processor alone, if the system lets it.
    static func keep(to processor: Int) {
        var bits = [UInt8](repeating: 0, count: limit / 8)
        bits[processor / 8] |= 1 << (processor % 8)
        _ = sched_setaffinity(0, bits.count, bits)
    }
}
