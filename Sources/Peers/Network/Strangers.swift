import Synchronization

/// Connections that have not said who they are yet.
///
/// A bank's node does so in a moment; who only opens connections must not keep the banks' nodes from each other. So
/// where there are too many, the newest is let in, and the host with most of them loses its oldest.
final class Strangers: Sendable {
    private struct Entry {
        let number: UInt64
        let host: String
        let end: @Sendable () -> Void
    }

    private struct State {
        var last: UInt64 = 0
        /// In the order in which they came.
        var entries: [Entry] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    /// Bears so many at one time; at least one.
    init(limit: Int) { self.limit = max(1, limit) }

    /// A connection has come.
    ///
    /// - Parameters:
    ///   - host: from where.
    ///   - end: ends it, from any thread.
    /// - Returns: its number.
    func enter(from host: String, _ end: @escaping @Sendable () -> Void) -> UInt64 {
        let (number, tooMany) = state.withLock { state -> (UInt64, Entry?) in
            state.last += 1
            state.entries.append(Entry(number: state.last, host: host, end: end))
            guard state.entries.count > limit else { return (state.last, nil) }
            return (state.last, state.entries.remove(at: Self.oldestOfMost(state.entries)))
        }
        tooMany?.end()
        return number
    }

    /// A connection has said who it is, or ended.
    func leave(_ number: UInt64) {
        state.withLock { $0.entries.removeAll { $0.number == number } }
    }

    /// The first of the host with most; of several such hosts, of the one that came first.
    private static func oldestOfMost(_ entries: [Entry]) -> Int {
        var counts: [String: Int] = [:]
        for entry in entries { counts[entry.host, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return entries.firstIndex { counts[$0.host] == most } ?? 0
    }
}
