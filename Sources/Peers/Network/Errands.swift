import Synchronization

/// Work on other threads whose results come back to the event loops, which must not end before.
///
/// A lookup of a name may take as long as a name server is silent, and cannot be broken off.
final class Errands: Sendable {
    private struct State {
        var underWay = 0
        var whenNone: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// One begins; ``end()`` follows.
    func begin() { state.withLock { $0.underWay += 1 } }

    /// The result of one is there.
    func end() {
        let next = state.withLock { state -> [@Sendable () -> Void] in
            state.underWay -= 1
            guard state.underWay == 0 else { return [] }
            defer { state.whenNone = [] }
            return state.whenNone
        }
        for body in next { body() }
    }

    /// Calls `body` once none is under way, at once where that is so.
    func whenNone(_ body: @escaping @Sendable () -> Void) {
        let isNone = state.withLock { state in
            if state.underWay > 0 { state.whenNone.append(body) }
            return state.underWay == 0
        }
        if isNone { body() }
    }

    /// Whether none is under way.
    var isEmpty: Bool { state.withLock { $0.underWay == 0 } }
}
