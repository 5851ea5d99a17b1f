import Consensus
import Synchronization

/// Connections that have not said who they are yet.
///
/// A bank's node does so in a moment; who only opens connections must not keep the banks' nodes from each other. So
/// where there are too many, the newest is let in, and another one ends: of a host with more than a few the oldest,
/// and else of a host from which no bank has come. Those whose certificate has passed are counted by themselves:
/// who has none does not compete with them.
final class Strangers: Sendable {
    private struct Entry {
        let number: UInt64
        let host: RemoteHost
        let end: @Sendable (Refusal) -> Void
    }

    private struct State {
        var last: UInt64 = 0
        /// Without a certificate as yet, in the order in which they came.
        var securing: [Entry] = []
        /// Whose certificate has passed, in the order in which it did.
        var verified: [Entry] = []
        /// From where each bank's node introduced itself last.
        var familiar: [NodeID: RemoteHost] = [:]
        /// Why none is let in any more.
        var over: Refusal?
    }

    /// So many of one host are no reason to end one of them before all others.
    ///
    /// A bank's node needs two, and two more while it changes its certificate. Behind one address there may be a few nodes.
    static let ofHostMax = 8

    private let limit: Int
    private let state = Mutex(State())

    /// Bears so many of either kind at one time; at least one.
    init(limit: Int) { self.limit = max(1, limit) }

    /// A connection has come.
    ///
    /// - Parameters:
    ///   - host: from where.
    ///   - end: ends it, from any thread.
    /// - Returns: its number.
    func enter(from host: RemoteHost, _ end: @escaping @Sendable (Refusal) -> Void) -> UInt64 {
        let (number, tooMany, over) = state.withLock { state -> (UInt64, Entry?, Refusal?) in
            state.last += 1
            if let over = state.over { return (state.last, nil, over) }
            state.securing.append(Entry(number: state.last, host: host, end: end))
            return (state.last, excess(of: &state.securing, state.familiar), nil)
        }
        tooMany?.end(Self.tooMany)
        if let over { end(over) }
        return number
    }

    /// A connection's certificate has passed.
    func verified(_ number: UInt64) {
        let tooMany = state.withLock { state -> Entry? in
            guard let place = state.securing.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            state.verified.append(state.securing.remove(at: place))
            return excess(of: &state.verified, state.familiar)
        }
        tooMany?.end(Self.tooMany)
    }

    /// A connection has said who it is, or ended.
    ///
    /// - Parameters:
    ///   - number: the connection's.
    ///   - bank: who it is, if it has said so.
    func leave(_ number: UInt64, as bank: NodeID? = nil) {
        state.withLock { state in
            let entry = (state.securing + state.verified).first { $0.number == number }
            guard let entry else { return }
            if let bank { state.familiar[bank] = entry.host }
            state.securing.removeAll { $0.number == number }
            state.verified.removeAll { $0.number == number }
        }
    }

    /// Ends all that are there, and whoever still comes.
    func end(_ refusal: Refusal) {
        let all = state.withLock { state in
            state.over = refusal
            defer { (state.securing, state.verified) = ([], []) }
            return state.securing + state.verified
        }
        for entry in all { entry.end(refusal) }
    }

    private static let tooMany = Refusal(
        .tooManyStrangers, "too many have not introduced themselves")

    /// Takes out one where there are too many.
    private func excess(of entries: inout [Entry], _ familiar: [NodeID: RemoteHost]) -> Entry? {
        guard entries.count > limit else { return nil }
        var counts: [RemoteHost: Int] = [:]
        for entry in entries { counts[entry.host, default: 0] += 1 }
        if (counts.values.max() ?? 0) <= Self.ofHostMax {
            let known = Set(familiar.values)
            let strange = counts.filter { !known.contains($0.key) }
            if !strange.isEmpty { counts = strange }
        }
        // The first of the host with most; of several such hosts, of the one that came first.
        let most = counts.values.max() ?? 0
        return entries.firstIndex { counts[$0.host] == most }.map { entries.remove(at: $0) }
    }
}
