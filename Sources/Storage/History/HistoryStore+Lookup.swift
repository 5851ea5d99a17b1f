import Ledger
import Synchronization

extension HistoryStore {
    /// Finds a transaction by its hash.
    ///
    /// The index knows eight bytes of a hash. What it finds is offered to `confirm`, which compares the
    /// whole hash with the block; nearly always the first candidate is the one.
    ///
    /// - Parameters:
    ///   - hash: the transaction's hash.
    ///   - confirm: whether this is the transaction. Called newest first, until it answers true.
    /// - Returns: the confirmed place; nil if there is none, or its block was pruned.
    /// - Throws: ``StoreFault``, also what `confirm` throws.
    public func locate(
        transaction hash: Hash32,
        confirm: (TransactionLocation) throws(StoreFault) -> Bool
    ) throws(StoreFault) -> TransactionLocation? {
        try place(of: hash) { place throws(StoreFault) -> TransactionLocation? in
            let index = place & 0xFF_FFFF
            guard index != HashIndexEntry.blockItself else { return nil }
            let location = TransactionLocation(height: place >> 24, index: Int(index))
            return try confirm(location) ? location : nil
        }
    }

    /// The height of the block whose header has this hash, nil if there is none or it was pruned.
    public func height(ofBlock hash: Hash32) throws(StoreFault) -> UInt64? {
        try place(of: hash) { place throws(StoreFault) -> UInt64? in
            guard place & 0xFF_FFFF == HashIndexEntry.blockItself else { return nil }
            return try self.hash(at: place >> 24) == hash ? place >> 24 : nil
        }
    }

    /// Offers places with a hash's first bytes to `body`, newest first, until it accepts one.
    private func place<Found>(
        of hash: Hash32, _ body: (UInt64) throws(StoreFault) -> Found?
    ) throws(StoreFault) -> Found? {
        let prefix = hash.parts.0
        // 16,384 entries, a few microseconds: cheaper than keeping a table of them.
        let recent = tail.withLock { tail in tail.filter { $0.prefix == prefix } }
        guard let first else { return nil }
        for entry in recent.reversed() where entry.height >= first {
            if let found = try body(entry.place) { return found }
        }
        // The plan and the buckets of one moment. Taken after the tail was looked at: what left the
        // tail meanwhile is in here.
        let snapshot = indexStore.snapshot()
        let index = try Self.readIndex(snapshot, path: indexStore.path)
        for key in index.keys(of: prefix) {
            var places: [UInt64] = []
            _ = try key.withUnsafeBytesTyped { key throws(StoreFault) in
                try snapshot.get(key) { places = HashIndexEntry.places(of: prefix, in: $0) }
            }
            for place in places.reversed() where place >> 24 >= first {
                if let found = try body(place) { return found }
            }
        }
        return nil
    }

    /// Finds the blocks whose logs may match.
    ///
    /// - Parameters:
    ///   - groups: a block must have at least one item of each group, hashed as when it was appended;
    ///     with no group every block matches, with an empty group none.
    ///   - range: heights to look at; what is not there is passed over.
    ///   - limit: how many heights to give at most.
    /// - Returns: heights in rising order. None is left out; of those given, few (about one in 2^32 of
    ///   the items looked at) have no such log.
    /// - Throws: ``StoreFault``.
    public func blocks(
        matching groups: [[UInt64]], in range: ClosedRange<UInt64>, limit: Int
    ) throws(StoreFault) -> [UInt64] {
        guard let known = archive.known else { return [] }
        let low = max(range.lowerBound, known.first)
        let high = min(range.upperBound, known.tip)
        guard low <= high, limit > 0 else { return [] }
        guard !groups.isEmpty else { return Array((low...high).prefix(limit)) }
        return try LogQuery(
            groups: groups.map { $0.map(LogSections.kept) }, low: low, high: high, limit: limit,
            reader: indexStore.snapshot(), archive: archive
        ).run()
    }
}
