import Ledger
import Testing
import Threads

@testable import Consensus

/// An application that keeps what it is given and lets a test wait for it.
final class Collector: CommitConsumer, @unchecked Sendable {
    struct State {
        var entries: [CommittedEntry] = []
        var leaderships: [Leadership] = []
        var restored: [SnapshotMarker] = []
        var fault: ConsensusFault?
    }
    private let monitor = Monitor(conditions: 1)
    private var state = State()

    var now: State {
        monitor.lock()
        defer { monitor.unlock() }
        return state
    }

    func committed(_ entry: CommittedEntry) { note { $0.entries.append(entry) } }
    func leadershipChanged(_ leadership: Leadership) { note { $0.leaderships.append(leadership) } }
    func restore(_ marker: SnapshotMarker) -> Bool {
        note { $0.restored.append(marker) }
        return true
    }
    func stopped(_ fault: ConsensusFault) { note { $0.fault = fault } }

    /// Waits until so many entries have come, for two minutes; those that there are.
    func waitForEntries(_ count: Int) -> [CommittedEntry] {
        if !hasEntries(count, within: 120_000) {
            Issue.record("of \(count) entries came \(now.entries.count)")
        }
        return now.entries
    }
    /// Waits so many milliseconds until so many entries have come.
    func hasEntries(_ count: Int, within millis: UInt64) -> Bool {
        let end = monotonicMillis() + millis
        monitor.lock()
        defer { monitor.unlock() }
        while state.entries.count < count, monotonicMillis() < end {
            monitor.wait(for: monitor[0], until: end)
        }
        return state.entries.count >= count
    }
    /// Waits until the node was told that it leads.
    func waitForLeading() {
        wait { state in
            state.leaderships.contains { if case .leading = $0 { true } else { false } } ? () : nil
        }
    }
    /// Waits until the driver has stopped by itself.
    func waitForFault() -> ConsensusFault { wait { $0.fault } }

    private func note(_ change: (inout State) -> Void) {
        monitor.lock()
        change(&state)
        monitor.broadcast(monitor[0])
        monitor.unlock()
    }

    private func wait<Value>(_ ready: (State) -> Value?) -> Value {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            if let value = ready(state) { return value }
            monitor.wait(for: monitor[0])
        }
    }
}

let testOwner = LogOwner(chain: Hash32(1, 2, 3, 4), node: NodeID(1))

extension Driver.Options {
    /// A group of one with small segments.
    static func alone(applied: LogIndex = 0, segmentBytes: Int = 1 << 16) -> Driver.Options {
        var options = Driver.Options(
            owner: testOwner, founders: Membership(onlyVoter: testOwner.node), applied: applied)
        options.log.segmentBytes = segmentBytes
        return options
    }
}
