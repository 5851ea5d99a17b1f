/// Which old blocks a node keeps.
struct BlockRetention: Sendable {
    /// How many blocks below the last one are kept in any case, at least 1.
    let keepBlocks: UInt64
    /// How many more are kept for a peer that has not executed them yet.
    ///
    /// A node that lags would otherwise have to begin again with a checkpoint of the whole state. One that
    /// says it stands at the beginning must not have everything kept for ever.
    static let patienceBlocks: UInt64 = 16_384

    /// The first block to keep.
    ///
    /// - Parameters:
    ///   - head: the height of the last executed block.
    ///   - checkpoint: the height of the newest certified checkpoint, whose own block stays for whoever
    ///     begins with it.
    ///   - slowest: the last block that the slowest of the peers heard of lately has executed; nil if none
    ///     was heard of.
    /// - Returns: its height; everything below may go.
    func first(head: UInt64, checkpoint: UInt64, slowest: UInt64?) -> UInt64 {
        var first = Self.below(head, by: keepBlocks)
        if let slowest, slowest < first {
            first = max(slowest + 1, Self.below(first, by: Self.patienceBlocks))
        }
        return min(first, checkpoint)
    }

    private static func below(_ height: UInt64, by count: UInt64) -> UInt64 {
        height > count ? height - count : 0
    }
}
