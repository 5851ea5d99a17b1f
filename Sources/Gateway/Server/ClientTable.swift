import NIOCore
import Synchronization

/// The clients that have connections, each with what counts for all of its connections together.
///
/// One that asked for something is known for a while without any: a proxy may take another client's
/// request to its connection, or close it, and whoever comes back must not find a full bucket.
final class ClientTable: Sendable {
    /// One client.
    final class Client: Sendable {
        let address: ClientAddress
        /// How many connections it has; the table changes it.
        let connections = Atomic<Int>(0)
        /// Bytes kept for it.
        let bytes = Atomic<Int>(0)
        /// What it may still ask for by way of a proxy, whose connections are everybody's.
        let calls: TokenBucket?
        /// What of its transactions may still be refused.
        let refusals: RefusalBudget?

        init(_ address: ClientAddress, _ table: ClientTable, now: NIODeadline) {
            self.address = address
            calls = table.rate.map { TokenBucket($0, now: now) }
            refusals = table.refusals.map { RefusalBudget(of: address, $0, now: now) }
        }

        /// Whether it is as if it had never asked for anything.
        func isAsNew(now: NIODeadline) -> Bool {
            calls?.isFull(now: now) != false && refusals?.isWhole(now: now) != false
        }
    }

    private struct Entry {
        let client: Client
        /// Whether it stands in ``State/idle``.
        var isIdle = false
    }

    private struct State {
        var clients: [ClientAddress: Entry] = [:]
        /// Clients that had no connection when they came here, each once.
        var idle = CircularBuffer<ClientAddress>()

        /// Takes the next idle client out, and forgets it unless it has connections or `keep` says so.
        mutating func lookAtIdle(keep: (Client) -> Bool) {
            guard let address = idle.popFirst(), let entry = clients[address] else { return }
            if entry.client.connections.load(ordering: .relaxed) > 0 {
                clients[address]?.isIdle = false
            } else if keep(entry.client) {
                idle.append(address)
            } else {
                clients[address] = nil
            }
        }
    }

    /// How many without connections are known; whoever has more addresses than that has as many buckets.
    static let idleMax = 16_384

    private let rate: RateLimit?
    private let refusals: RefusalBook?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - rate: calls of one client by way of a proxy.
    ///   - refusals: what transactions of one client may be refused.
    init(rate: RateLimit?, refusals: RefusalBook? = nil) {
        self.rate = rate
        self.refusals = refusals
    }

    /// How many clients are known.
    var count: Int { state.withLock { $0.clients.count } }

    /// The client has one connection more.
    func enter(_ address: ClientAddress, now: NIODeadline = .now()) -> Client {
        state.withLock { state in
            // Two for each that comes, of which at most one becomes idle: it never has to look at many.
            for _ in 0..<2 { state.lookAtIdle { !$0.isAsNew(now: now) } }
            let entry =
                state.clients[address] ?? Entry(client: Client(address, self, now: now))
            entry.client.connections.add(1, ordering: .relaxed)
            state.clients[address] = entry
            return entry.client
        }
    }

    /// The client has one connection fewer; without any it is forgotten as soon as its buckets are full.
    func leave(_ client: Client, now: NIODeadline = .now()) {
        state.withLock { state in
            guard var entry = state.clients[client.address] else { return }
            let left = client.connections.subtract(1, ordering: .relaxed).newValue
            if left == 0, !entry.isIdle {
                guard !client.isAsNew(now: now) else {
                    state.clients[client.address] = nil
                    return
                }
                entry.isIdle = true
                state.idle.append(client.address)
            }
            state.clients[client.address] = entry
            if state.idle.count > Self.idleMax { state.lookAtIdle { _ in false } }
        }
    }
}
