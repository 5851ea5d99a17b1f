import Ledger

/// Who wants to hear of each block, such as subscriptions.
final class BlockObservers: Sendable {
    private struct Contents {
        var all: [UInt64: @Sendable (StoredBlock) -> Void] = [:]
        var next: UInt64 = 0
    }

    private let contents = Locked(Contents())

    /// Adds an observer, called in the order of blocks, one after another; it must be quick.
    func add(_ observer: @escaping @Sendable (StoredBlock) -> Void) -> UInt64 {
        contents.with { contents in
            contents.next += 1
            contents.all[contents.next] = observer
            return contents.next
        }
    }

    /// Removes an observer.
    func remove(_ ticket: UInt64) { contents.with { _ = $0.all.removeValue(forKey: ticket) } }

    /// Tells everybody.
    func tell(_ block: StoredBlock) {
        let all = contents.with { $0.all }
        for ticket in all.keys.sorted() { all[ticket]?(block) }
    }
}
