/// Decoded records in memory, in two generations: what was not asked for while the young one filled up is
/// let go of.
///
/// Holds objects, so that both generations may name the same one. What it forgets shows only in what must be
/// read again.
struct RecentCache<Key: Hashable, Record: AnyObject> {
    private var young: [Key: Record] = [:]
    private var old: [Key: Record] = [:]

    /// The record of a key, nil if it is not in memory.
    @inline(__always)
    mutating func find(_ key: Key) -> Record? {
        if let record = young[key] { return record }
        return findOld(key)
    }

    @inline(never)
    private mutating func findOld(_ key: Key) -> Record? {
        guard let record = old[key] else { return nil }
        young[key] = record
        return record
    }

    /// Takes a record in.
    mutating func insert(_ record: Record, for key: Key) { young[key] = record }

    /// Forgets a record.
    mutating func remove(_ key: Key) {
        young[key] = nil
        old[key] = nil
    }

    /// Forgets the old generation where the young one has as many as given; nothing in memory may be unwritten.
    mutating func age(limit: Int) {
        guard young.count >= limit else { return }
        old = young
        young = [:]
    }
}
