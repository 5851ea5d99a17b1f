import Ledger
import Synchronization

/// A block that stays when those around it are pruned: the header of such a block is needed to follow how
/// the set of banks came about, and so to check any later certificate.
public struct KeptBlock: Equatable, Sendable {
    /// The block's height.
    public let height: UInt64
    /// The block as it was stored.
    public let bytes: [UInt8]
    /// Its certificate, if one was stored.
    public let certificate: [UInt8]?

    /// Describes a block that is to stay.
    public init(height: UInt64, bytes: [UInt8], certificate: [UInt8]?) {
        self.height = height
        self.bytes = bytes
        self.certificate = certificate
    }
}

extension HistoryStore {
    /// The heights of all blocks that are kept beside the others, rising.
    public func keptHeights() throws(StoreFault) -> [UInt64] {
        var heights: [UInt64] = []
        try archive.store.scan(prefix: [HistoryKey.kept]) { key, _ in
            if key.count == 10, key[9] == HistoryKey.Part.bytes.rawValue {
                heights.append(
                    UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self)))
            }
            return true
        }
        return heights
    }

    /// A block that is kept beside the others, nil if there is none at that height.
    public func kept(at height: UInt64) throws(StoreFault) -> KeptBlock? {
        try block(at: height, in: archive.store.snapshot(), HistoryKey.kept)
    }

    /// A block by which the set of banks changed, from beside the others or from among them.
    public func keptOrStored(at height: UInt64) throws(StoreFault) -> KeptBlock? {
        // At one moment: pruning takes it from one place to the other, and whoever looked here and then there would
        // find it nowhere.
        let view = archive.store.snapshot()
        if let kept = try block(at: height, in: view, HistoryKey.kept) { return kept }
        return try block(at: height, in: view, HistoryKey.block)
    }

    /// The certificate of such a block, without reading the block; nil if there is none.
    public func certificateKeptOrStored(at height: UInt64) throws(StoreFault) -> [UInt8]? {
        let view = archive.store.snapshot()
        if let kept = try view.value(HistoryKey.kept(height, .certificate)) { return kept }
        return try view.value(HistoryKey.block(height, .certificate))
    }

    private func block(
        at height: UInt64, in view: any KeyValueReader,
        _ key: (UInt64, HistoryKey.Part) -> [UInt8]
    ) throws(StoreFault) -> KeptBlock? {
        guard let bytes = try view.value(key(height, .bytes)) else { return nil }
        return KeptBlock(
            height: height, bytes: bytes, certificate: try view.value(key(height, .certificate)))
    }

    /// Keeps blocks that came from elsewhere beside the others; durable when it returns.
    public func keep(_ blocks: [KeptBlock]) throws(StoreFault) {
        guard !blocks.isEmpty else { return }
        try writer.withLock { _ throws(StoreFault) in try archive.keep(blocks) }
    }
}

extension BlockArchive {
    /// Copies blocks to where pruning leaves them; durable when it returns.
    ///
    /// Those that are kept already or not there are passed over.
    func keep(_ heights: [UInt64]) throws(StoreFault) {
        var blocks: [KeptBlock] = []
        for height in heights {
            guard try store.value(HistoryKey.kept(height, .bytes)) == nil,
                let bytes = try part(.bytes, at: height)
            else { continue }
            blocks.append(
                KeptBlock(
                    height: height, bytes: bytes,
                    certificate: try part(.certificate, at: height)))
        }
        guard !blocks.isEmpty else { return }
        try keep(blocks)
    }

    func keep(_ blocks: [KeptBlock]) throws(StoreFault) {
        var batch = WriteBatch()
        for block in blocks {
            batch.put(HistoryKey.kept(block.height, .bytes), block.bytes)
            if let certificate = block.certificate {
                batch.put(HistoryKey.kept(block.height, .certificate), certificate)
            }
        }
        try store.write(batch, sync: true)
    }
}
