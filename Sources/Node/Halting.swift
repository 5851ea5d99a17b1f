import Logging
import Replica
import Synchronization
import Threads

/// The end of a node that must not go on: says why, takes nothing more, stops ordering.
///
/// Reading goes on, so that the data can be looked at; after a divergence only on the socket for
/// administration, for what this node has is not what the ledger has.
final class Halting: @unchecked Sendable {
    // `@unchecked`: what can be set is set before anything can halt.

    private let pool: Locked<PoolState>
    private let logger: Logger
    /// What else to stop; set before anything can halt.
    var action: (@Sendable () -> Void)?

    init(pool: Locked<PoolState>, logger: Logger) {
        self.pool = pool
        self.logger = logger
    }

    /// Whether the banks certified another result than this node has.
    let hasDiverged = Atomic(false)

    /// What follows a divergence, each once; nil when it has followed.
    private let followers = Locked<[@Sendable () -> Void]?>([])

    /// Halts the node because the banks certified another result than it has.
    func halt(diverged why: String) {
        hasDiverged.store(true, ordering: .releasing)
        let isFirst = close(why)
        // Before ordering ends, which may wait for a disk that fails.
        let due = followers.with { followers in
            defer { followers = nil }
            return followers ?? []
        }
        for follower in due { follower() }
        if isFirst { end(why) }
    }

    /// Calls `body` once when the node has diverged, at once if it has; nothing is answered any more by then.
    func whenDiverged(_ body: @escaping @Sendable () -> Void) {
        let waits = followers.with { followers in
            followers?.append(body)
            return followers != nil
        }
        if !waits { body() }
    }

    /// Why, where whoever halted the node could tell more than words; for a node that halts while it starts.
    let fault = Locked<NodeFault?>(nil)

    /// Halts the node because of what executing or storing met.
    func halt(_ why: NodeFault) {
        fault.with { $0 = $0 ?? why }
        halt(why.description)
    }

    /// Halts the node, once.
    func halt(_ why: String) {
        if close(why) { end(why) }
    }

    /// Takes nothing more; whether it did until now.
    private func close(_ why: String) -> Bool {
        pool.withSignal { state in
            defer {
                state.haltedBecause = state.haltedBecause ?? why
                state.closedBecause = state.haltedBecause
                state.isLeader = false
            }
            return state.haltedBecause == nil
        }
    }

    private func end(_ why: String) {
        logger.critical("halted", metadata: ["reason": "\(why)"])
        action?()
    }
}
