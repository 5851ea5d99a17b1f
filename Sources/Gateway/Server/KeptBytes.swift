import Synchronization

/// How many bytes a server keeps for its callers, all together.
///
/// Bodies that are being received or worked on, answers and notifications that the system has not
/// taken. A caller that asks for much and reads nothing would fill the memory; so when all together
/// keep more than the limit, the connection for which most is kept is ended.
final class KeptBytes: Sendable {
    private let total = Atomic<Int>(0)
    /// What is kept for connections that end, until they have.
    private let ending = Atomic<Int>(0)
    private let limit: Int
    /// Ends the connection for which most is kept.
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
        private let state = Mutex(State())

        init(of whole: KeptBytes) { self.whole = whole }

        /// What is kept for the connection.
        var count: Int { state.withLock { $0.bytes } }

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
            if counts { whole.change(by: change) }
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
            whole.change(by: -bytes)
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
            whole.change(by: -bytes)
        }
    }
}
