import Ledger

/// What a stored state stands for: the ledger after a block was executed.
public struct StateMeta: Hashable, Sendable {
    /// The block's height; genesis is 0.
    public var height: UInt64
    /// The hash of the block's header.
    public var headerHash: Hash32
    /// The chained state hash after the block.
    public var stateHash: Hash32

    /// Names a state.
    public init(height: UInt64, headerHash: Hash32, stateHash: Hash32) {
        self.height = height
        self.headerHash = headerHash
        self.stateHash = stateHash
    }

    /// 72 bytes: height, header hash, state hash.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 72)
        writer.write(height)
        writer.write(headerHash)
        writer.write(stateHash)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        self.init(
            height: try reader.read(), headerHash: try reader.readHash(),
            stateHash: try reader.readHash())
        try reader.finish()
    }
}
