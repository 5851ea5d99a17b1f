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
    private let clients: ClientTable
    /// Ends the heaviest connection.
    private let relieve: @Sendable () -> Void

    init(
        limit: Int, clients: ClientTable = ClientTable(rate: nil),
        relieve: @escaping @Sendable () -> Void
    ) {
        self.limit = limit
        self.clients = clients
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

    /// The part of a new connection of a client: many small ones weigh as much as a large one.
    func part(of address: ClientAddress) -> Part { Part(of: self, clients.enter(address)) }

    /// One connection's part.
    final class Part: Sendable {
        private struct State {
            var client: ClientTable.Client
            var bytes = 0
            /// The connection ends: nothing counts any more.
            var isOver = false
            /// What was kept when it was told to end.
            var freed = 0
        }

        private let whole: KeptBytes
        private let state: Mutex<State>

        fileprivate init(of whole: KeptBytes, _ client: ClientTable.Client) {
            self.whole = whole
            state = Mutex(State(client: client))
        }

        deinit { whole.clients.leave(client) }

        /// Whose connection it is.
        var client: ClientTable.Client { state.withLock { $0.client } }

        /// What is kept for the connection.
        var count: Int { state.withLock { $0.bytes } }

        /// What is kept for its client, and for itself: the order in which connections are ended.
        var weight: (client: Int, own: Int) {
            state.withLock { ($0.client.bytes.load(ordering: .relaxed), $0.bytes) }
        }

        /// From now on the connection is another client's, with all that is kept for it.
        func move(to address: ClientAddress) {
            guard address != client.address else { return }
            let next = whole.clients.enter(address)
            let former = state.withLock { state in
                let former = state.client
                former.bytes.wrappingSubtract(state.bytes, ordering: .relaxed)
                next.bytes.wrappingAdd(state.bytes, ordering: .relaxed)
                state.client = next
                return former
            }
            whole.clients.leave(former)
        }

        private func book(_ change: Int, _ client: ClientTable.Client) {
            client.bytes.wrappingAdd(change, ordering: .relaxed)
            whole.change(by: change)
        }

        /// Whether the connection ends.
        var isOver: Bool { state.withLock { $0.isOver } }

        /// More is kept for it, or less where `change` is negative; from any thread.
        func change(by change: Int) {
            guard change != 0 else { return }
            let client: ClientTable.Client? = state.withLock { state in
                guard !state.isOver else { return nil }
                state.bytes += change
                return state.client
            }
            if let client { book(change, client) }
        }

        /// Takes the connection off the books, as it will end; false if it was off them.
        func dismiss() -> Bool {
            let booked: (bytes: Int, client: ClientTable.Client)? = state.withLock { state in
                guard !state.isOver else { return nil }
                state.isOver = true
                state.freed = state.bytes
                defer { state.bytes = 0 }
                return (state.bytes, state.client)
            }
            guard let (bytes, client) = booked else { return false }
            whole.ending.wrappingAdd(bytes, ordering: .relaxed)
            book(-bytes, client)
            return true
        }

        /// The connection has ended.
        func end() {
            let (bytes, freed, client) = state.withLock { state in
                state.isOver = true
                defer { (state.bytes, state.freed) = (0, 0) }
                return (state.bytes, state.freed, state.client)
            }
            whole.ending.wrappingSubtract(freed, ordering: .relaxed)
            book(-bytes, client)
        }
    }
}
