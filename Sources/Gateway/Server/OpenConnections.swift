import NIOCore
import Synchronization

/// The open connections of one server, to bound their number and to end them.
final class OpenConnections: Sendable {
    /// What becomes of a connection that comes.
    enum Entrance {
        case admitted
        /// It is told why, and lingers for a moment to read that.
        case refused(String)
        /// It is closed without a word, for too many others are being told.
        case dropped
    }

    private struct State {
        var open: [ObjectIdentifier: any ServerConnection] = [:]
        /// Refused ones that are not over.
        var refused = 0
        var isDraining = false
        var whenEmpty: EventLoopPromise<Void>?
    }

    /// How many refused connections may linger: they take files of the process too.
    private static let refusedMax = 256

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how many there may be.
    init(limit: Int) { self.limit = limit }

    /// Takes a connection in, if there is room for it.
    ///
    /// A client may have twice as many as are free: the first that wants all leaves a third to the others, the next
    /// one a third of that, and nobody has to look for who has most. A proxy's are everybody's.
    func enter(_ connection: any ServerConnection, isProxied: Bool) -> Entrance {
        let own = connection.kept.client.connections.load(ordering: .relaxed)
        return state.withLock { state in
            let free = state.isDraining ? 0 : limit - state.open.count
            if free > 0, isProxied || own <= 2 * free {
                state.open[ObjectIdentifier(connection)] = connection
                return .admitted
            }
            guard state.refused < Self.refusedMax else { return .dropped }
            state.refused += 1
            return .refused(
                free > 0 ? "you have too many connections" : "the node has too many connections")
        }
    }

    /// Removes an admitted connection; false if it was removed before.
    func leave(_ connection: any ServerConnection) -> Bool {
        let (wasOpen, promise) = state.withLock { state in
            let wasOpen = state.open.removeValue(forKey: ObjectIdentifier(connection)) != nil
            return (wasOpen, state.open.isEmpty ? state.whenEmpty : nil)
        }
        promise?.succeed()
        return wasOpen
    }

    /// A refused connection is over.
    func leaveRefused() { state.withLock { $0.refused -= 1 } }

    /// Those that are there now.
    var all: [any ServerConnection] { state.withLock { Array($0.open.values) } }

    /// Takes no more; `empty` succeeds when none is left.
    ///
    /// - Returns: those that are there now.
    func drain(_ empty: EventLoopPromise<Void>) -> [any ServerConnection] {
        let open = state.withLock { state in
            state.isDraining = true
            state.whenEmpty = empty
            return Array(state.open.values)
        }
        if open.isEmpty { empty.succeed() }
        return open
    }

    /// Ends the heaviest connection of the client for which most is kept; false if there is none to end.
    func endHeaviest() -> Bool {
        let heaviest = all.max { $0.kept.weight < $1.kept.weight }
        guard let heaviest, heaviest.kept.dismiss() else { return false }
        heaviest.abort()
        return true
    }
}

/// A connection as the server sees it, from any thread.
protocol ServerConnection: AnyObject, Sendable {
    /// What is kept for it.
    var kept: KeptBytes.Part { get }
    /// Whose turns its requests under way take.
    var caller: RPCCaller { get }
    /// Ends when what was asked is answered.
    func drain()
    /// Ends at once.
    func abort()
}
