import Ledger

/// A stretch of blocks whose fees are shared together.
public struct Epoch: Hashable, Sendable {
    /// Its number, from 0.
    public let number: UInt64
    /// The height of its first block; 1 for the first epoch.
    public let first: UInt64
    /// How many blocks it has.
    public let blocks: UInt32
    /// What ``EconomyTotal/shared`` totals came to before its first block.
    let feesBefore: UInt128

    /// About how many heights of an epoch are sampled.
    private static let samples: UInt32 = 128

    /// The height of its last block.
    public var last: UInt64 { first + UInt64(blocks) - 1 }

    /// The heights that are sampled are the multiples of this: the largest power of two of which an
    /// epoch has at least 128, or 1.
    ///
    /// So an epoch has fewer than 257 samples however long it is, and 10,000 blocks are sampled every 64.
    public var stride: UInt64 {
        let most = max(blocks / Self.samples, 1)
        return 1 << UInt64(UInt32.bitWidth - 1 - most.leadingZeroBitCount)
    }

    /// Whether it is asked who signed the block of a height.
    public func samples(_ height: UInt64) -> Bool {
        (first...last).contains(height) && height % stride == 0
    }

    /// The sampled heights, ascending.
    var sampledHeights: StrideThrough<UInt64> {
        let step = stride
        return Swift.stride(from: (first + step - 1) / step * step, through: last, by: Int(step))
    }
}

/// An epoch that is over.
public struct EndedEpoch: Hashable, Sendable {
    /// Which.
    public let epoch: Epoch
    /// What ``EconomyTotal/shared`` totals grew by in its blocks, in DIP units.
    public let fees: UInt128
}

/// The epochs whose samples are kept: the running one and the one before.
struct Epochs: Hashable {
    /// The one that the last block belongs to.
    var current: Epoch
    /// The one before; nil in the first one.
    var previous: EndedEpoch?

    /// The first epoch.
    init(blocks: UInt32) {
        current = Epoch(number: 0, first: 1, blocks: blocks, feesBefore: 0)
    }

    /// Whether a height is sampled, and votes for it still count.
    func samples(_ height: UInt64) -> Bool {
        current.samples(height) || (previous?.epoch.samples(height) ?? false)
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(current.number)
        writer.write(current.first)
        writer.write(current.blocks)
        writer.write(current.feesBefore)
        if let previous {
            writer.write(previous.epoch.first)
            writer.write(previous.epoch.blocks)
            writer.write(previous.fees)
        }
        return writer.bytes
    }

    /// Decodes epochs.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        let number: UInt64 = try reader.read()
        current = Epoch(
            number: number, first: try reader.read(), blocks: try reader.read(),
            feesBefore: try reader.read())
        guard reader.remaining > 0 else { return }
        guard number > 0 else { throw DecodingFault("an epoch before the first one") }
        let epoch = Epoch(
            number: number - 1, first: try reader.read(), blocks: try reader.read(), feesBefore: 0)
        previous = EndedEpoch(epoch: epoch, fees: try reader.read())
        try reader.finish()
    }
}
