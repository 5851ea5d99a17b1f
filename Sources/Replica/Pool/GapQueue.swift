import Ledger

/// Which transactions wait for a missing nonce, in the order in which they came.
///
/// Entries of what is executable, replaced or gone meanwhile stay until there are many; whoever reads an entry asks
/// the pool whether it still holds.
struct GapQueue {
    /// One that waits; by its hash it is told from one that has replaced it.
    struct Gap {
        let sender: Address
        let nonce: UInt64
        let hash: Hash32
    }

    private var entries: [Gap] = []
    private var start = 0
    /// Entries of what was dropped since the last ``compact(_:)``.
    private var removed = 0

    /// Entries, those that hold no more among them.
    var count: Int { entries.count - start }

    /// An entry, 0 for the oldest.
    subscript(index: Int) -> Gap { entries[start + index] }

    mutating func append(_ gap: Gap) { entries.append(gap) }

    /// Takes note that so many that entries stand for were dropped.
    mutating func note(removed count: Int, _ holds: (Gap) -> Bool) {
        removed += count
        while start < entries.count, !holds(entries[start]) { start += 1 }
        if removed > 1024, removed > self.count / 2 { compact(holds) }
        if start > 1 << 16 || start == entries.count {
            entries.removeFirst(start)
            start = 0
        }
    }

    /// Removes the entries that hold no more.
    mutating func compact(_ holds: (Gap) -> Bool) {
        entries = entries[start...].filter(holds)
        start = 0
        removed = 0
    }
}
