import Synchronization

/// How many bytes a server keeps for its callers, all together.
///
/// Bodies that are being received or worked on, answers and notifications that the system has not
/// taken. A caller that asks for much and reads nothing would fill the memory; so when all together
/// keep more than the limit, the client for which most is kept loses its heaviest connection.
final class KeptBytes: Sendable {
    private let total = Atomic<Int>(0)
    /// What is kept for connections that end, until they have.
    private let ending = Atomic<Int>(0)
    private let limit: Int
    /// Who has connections, and how many.
    private let clients = Mutex<[ClientAddress: (client: Client, connections: Int)]>([:])
    /// Ends the heaviest connection.
    private let relieve: @Sendable () -> Void

    init(limit: Int, relieve: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.relieve = relieve
    }

    /// What is kept now.
    var count: Int { total.load(ordering: .relaxed) }

    /// Whether what a new request may need can be kept.
    ///
    /// A thread that answers many connections frees what it keeps for those that end only when it has
    /// gone through all.
    var hasRoom: Bool { ending.load(ordering: .relaxed) <= limit }

    /// More is kept, or less where `change` is negative.
    func change(by change: Int) {
        let total = total.wrappingAdd(change, ordering: .relaxed).newValue
        if change > 0, total > limit { relieve() }
    }

    /// What is kept for all connections of one client: many small ones weigh as much as a large one.
    fileprivate final class Client: Sendable {
        let address: ClientAddress
        let bytes = Atomic<Int>(0)

        init(_ address: ClientAddress) { self.address = address }
    }

    /// The part of a new connection of a client.
    func part(of address: ClientAddress) -> Part {
        let client = clients.withLock { clients in
            let (client, connections) = clients[address] ?? (Client(address), 0)
            clients[address] = (client, connections + 1)
            return client
        }
        return Part(of: self, client)
    }

    private func forget(_ client: Client) {
        clients.withLock { clients in
            guard let connections = clients[client.address]?.connections else { return }
            clients[client.address] = connections > 1 ? (client, connections - 1) : nil
        }
    }

    /// How many clients have connections.
    var clientCount: Int { clients.withLock { $0.count } }

    /// One connection's part.
    final class Part: Sendable {
        private struct State {
            var bytes = 0
            /// The connection ends: nothing counts any more.
            var isOver = false
            /// What was kept when it was told to end.
            var freed = 0
        }

        private let whole: KeptBytes
        private let client: Client
        private let state = Mutex(State())

        fileprivate init(of whole: KeptBytes, _ client: Client) {
            self.whole = whole
            self.client = client
        }

        deinit { whole.forget(client) }

        /// What is kept for the connection.
        var count: Int { state.withLock { $0.bytes } }

        /// What is kept for its client, and for itself: the order in which connections are ended.
        var weight: (client: Int, own: Int) { (client.bytes.load(ordering: .relaxed), count) }

        private func book(_ change: Int) {
            client.bytes.wrappingAdd(change, ordering: .relaxed)
            whole.change(by: change)
        }

        /// Whether the connection ends.
        var isOver: Bool { state.withLock { $0.isOver } }

        /// More is kept for it, or less where `change` is negative; from any thread.
        func change(by change: Int) {
            guard change != 0 else { return }
            let counts = state.withLock { state in
                guard !state.isOver else { return false }
                state.bytes += change
                return true
            }
            if counts { book(change) }
        }

        /// Takes the connection off the books, as it will end; false if it was off them.
        func dismiss() -> Bool {
            let bytes: Int? = state.withLock { state in
                guard !state.isOver else { return nil }
                state.isOver = true
                state.freed = state.bytes
                defer { state.bytes = 0 }
                return state.bytes
            }
            guard let bytes else { return false }
            whole.ending.wrappingAdd(bytes, ordering: .relaxed)
            book(-bytes)
            return true
        }

        /// The connection has ended.
        func end() {
            let (bytes, freed) = state.withLock { state in
                state.isOver = true
                defer { (state.bytes, state.freed) = (0, 0) }
                return (state.bytes, state.freed)
            }
            whole.ending.wrappingSubtract(freed, ordering: .relaxed)
            book(-bytes)
        }
    }
}
