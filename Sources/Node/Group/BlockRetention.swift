/// Which old blocks a node keeps.
struct BlockRetention: Sendable {
    /// How many blocks below the last one are kept in any case, at least 1.
    let keepBlocks: UInt64
    /// How many more are kept for a peer that has not executed them yet.
    ///
    /// A node that lags would otherwise have to begin again with a checkpoint of the whole state. One that
    /// says it stands at the beginning must not have everything kept for ever.
    static let patienceBlocks: UInt64 = 16_384
    /// How many bytes those may have; blocks of a busy ledger are megabytes each.
    static let patienceBytes: UInt64 = 4 << 30

    /// The first block to keep.
    ///
    /// - Parameters:
    ///   - head: the height of the last executed block.
    ///   - checkpoint: the height of the newest certified checkpoint, whose own block stays for whoever
    ///     begins with it.
    ///   - slowest: the last block that the slowest of the peers heard of lately has executed; nil if none
    ///     was heard of.
    ///   - bytes: about how many the blocks of some heights take.
    /// - Returns: its height; everything below may go.
    func first(
        head: UInt64, checkpoint: UInt64, slowest: UInt64?, bytes: (Range<UInt64>) -> UInt64
    ) -> UInt64 {
        var first = Self.below(head, by: keepBlocks)
        if let slowest, slowest < first {
            let wanted = max(slowest + 1, Self.below(first, by: Self.patienceBlocks))
            first = Self.first(of: wanted..<first) { bytes($0..<first) <= Self.patienceBytes }
        }
        return min(first, checkpoint)
    }

    /// The first height from which on all have what is asked, the upper bound if none has it; what one has,
    /// all above it have.
    private static func first(
        of heights: Range<UInt64>, where holds: (UInt64) -> Bool
    ) -> UInt64 {
        var (low, high) = (heights.lowerBound, heights.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func below(_ height: UInt64, by count: UInt64) -> UInt64 {
        height > count ? height - count : 0
    }
}
