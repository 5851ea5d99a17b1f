import Ledger
import Threads

/// Who wants to hear of each block, such as subscriptions.
final class BlockObservers: Sendable {
    /// Hears of a block; must be quick, for the next block waits.
    typealias Observer = @Sendable (StoredBlock) -> Void

    private let all = Locked<[Observer]>([])

    /// Adds an observer, which from now on is told each block in order, as long as the node runs.
    func add(_ observer: @escaping Observer) { all.with { $0.append(observer) } }

    /// Tells everybody, in the order in which they were added.
    func tell(_ block: StoredBlock) {
        for observer in all.with({ $0 }) { observer(block) }
    }
}
