/// A record that says how much memory it takes, in units of its own.
protocol Weighed: AnyObject {
    /// What it weighs now.
    var weight: Int { get }
    /// What it weighed when it was weighed last.
    var weighed: Int { get set }
}

/// Decoded records in memory, in two generations: what was not asked for while the young one filled up is
/// let go of.
///
/// Holds objects, so that both generations may name the same one. What it forgets shows only in what must be
/// read again.
struct RecentCache<Key: Hashable, Record: Weighed> {
    private var young: [Key: Record] = [:]
    private var old: [Key: Record] = [:]
    /// What the young ones weighed when they came, or were weighed last.
    private var youngWeight = 0
    private var oldWeight = 0

    /// What those in memory weigh together at most.
    var weight: Int { youngWeight + oldWeight }

    /// The record of a key, nil if it is not in memory.
    @inline(__always)
    mutating func find(_ key: Key) -> Record? {
        if let record = young[key] { return record }
        return findOld(key)
    }

    @inline(never)
    private mutating func findOld(_ key: Key) -> Record? {
        guard let record = old[key] else { return nil }
        insert(record, for: key)
        return record
    }

    /// Takes a record in that is not among the young ones.
    mutating func insert(_ record: Record, for key: Key) {
        young[key] = record
        record.weighed = record.weight
        youngWeight += record.weighed
    }

    /// Weighs a record again, which has changed.
    mutating func weigh(_ record: Record, for key: Key) {
        guard young[key] === record else { return }
        youngWeight -= record.weighed
        record.weighed = record.weight
        youngWeight += record.weighed
    }

    /// Forgets a record.
    mutating func remove(_ key: Key) {
        if let record = young.removeValue(forKey: key) { youngWeight -= record.weighed }
        old[key] = nil
    }

    /// Forgets the old generation where the young one has as many as given, or weighs as much; nothing in memory may be
    /// unwritten.
    mutating func age(limit: Int, weight: Int) {
        guard young.count >= limit || youngWeight >= weight else { return }
        old = young
        oldWeight = youngWeight
        young = [:]
        youngWeight = 0
    }
}
