import Ledger

extension HistoryStore {
    /// The blocks as they are now, for long readings beside the writing of later ones.
    public func snapshot() throws(StoreFault) -> HistorySnapshot {
        let view = archive.store.snapshot()
        // Read from the view itself: where blocks were pruned since, those that are kept for ever stand among the
        // others in it.
        return HistorySnapshot(
            view: view, path: archive.store.path,
            first: try BlockArchive.first(view, path: archive.store.path))
    }
}

/// A fixed view of the blocks; later ones and pruning do not change it.
public final class HistorySnapshot: Sendable {
    private let view: any KeyValueReader
    let path: String
    /// The first block when the view was taken, nil if there was none.
    public let first: UInt64?

    init(view: any KeyValueReader, path: String, first: UInt64?) {
        self.view = view
        self.path = path
        self.first = first
    }

    /// The hash of a block's header, nil if it is not there.
    func hash(at height: UInt64) throws(StoreFault) -> Hash32? {
        try view.value(HistoryKey.block(height, .hash)).flatMap { Hash32($0) }
    }

    /// Lends the records of the blocks from `first` up to a height, then those of blocks that are kept
    /// for ever, in the order of their keys, until `body` answers false.
    func scan(
        through height: UInt64,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        var goesOn = true
        func lend(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool {
            goesOn = body(key, value)
            return goesOn
        }
        try view.scan(
            from: HistoryKey.block(first ?? 0, .bytes),
            to: HistoryKey.block(height + 1, .bytes), lend)
        guard goesOn else { return }
        try view.scan(from: [HistoryKey.kept], to: [HistoryKey.kept + 1], lend)
    }
}
