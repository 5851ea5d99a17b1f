import NIOCore
import Synchronization

/// The subscriptions of one WebSocket connection and what waits to be sent for them.
///
/// All that waits is counted, up to the moment when the system took it. A client that lets more
/// than the limit gather is too slow: everything waiting is dropped and its connection ends.
package final class SubscriptionFeed: Sendable {
    /// What a push or an activation leads to.
    package enum Signal {
        case nothing
        /// Frames wait where none waited before.
        case framesWait
        /// The client is too slow.
        case overflow
    }

    private struct Entry {
        /// The body that asked for the subscription while its answer is not yet written: a client
        /// cannot know the subscription before that.
        var pendingTag: Int?
        var held: [ByteBuffer] = []
        let onEnd: @Sendable (RPCSubscription.End) -> Void
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var frames: [ByteBuffer] = []
        /// Bytes of frames that wait here, are held back or are not yet taken by the system.
        var bytes = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let byteLimit: Int
    private let countLimit: Int
    private let all: SubscriptionCount
    /// Told of each change of what those that wait take.
    private let keep: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - byteLimit: how many bytes may wait here.
    ///   - countLimit: how many subscriptions there may be here.
    ///   - all: the subscriptions of all connections.
    ///   - keep: told of each change of what those that wait take; from any thread.
    init(
        byteLimit: Int, countLimit: Int, all: SubscriptionCount,
        keep: @escaping @Sendable (Int) -> Void
    ) {
        self.byteLimit = byteLimit
        self.countLimit = countLimit
        self.all = all
        self.keep = keep
    }

    /// Enters a subscription asked for by body `tag`.
    func open(
        tag: Int, onEnd: @escaping @Sendable (RPCSubscription.End) -> Void
    ) throws(RPCError) -> String {
        let id = "0x" + String(UInt64.random(in: 1 << 60...UInt64.max), radix: 16)
        let refusal: RPCError? = state.withLock { state in
            if state.isClosed { return .internalError("the connection is closing") }
            guard state.entries.count < countLimit else {
                return .limitExceeded("a connection has at most \(countLimit) subscriptions")
            }
            guard all.add(own: state.entries.count) else {
                return .limitExceeded("the node has at most \(all.limit) subscriptions")
            }
            state.entries[id] = Entry(pendingTag: tag, onEnd: onEnd)
            return nil
        }
        if let refusal { throw refusal }
        return id
    }

    /// Ends a subscription; false if there is none of this id.
    func end(_ id: String, _ reason: RPCSubscription.End) -> Bool {
        let entry = state.withLock { state in
            let entry = state.entries.removeValue(forKey: id)
            let held = entry?.held ?? []
            state.bytes -= Self.bytes(of: held)
            if !held.isEmpty { keep(-Self.size(of: held)) }
            return entry
        }
        if entry != nil { all.remove(1) }
        entry?.onEnd(reason)
        return entry != nil
    }

    func isOpen(_ id: String) -> Bool { state.withLock { $0.entries[id] != nil } }

    private static func bytes(of messages: [ByteBuffer]) -> Int {
        messages.reduce(0) { $0 + $1.readableBytes }
    }

    /// About what messages take while they wait: small ones much more than their bytes, for their buffers, their
    /// places here, and their frames and writes on their way to the system.
    static func size(of messages: [ByteBuffer]) -> Int {
        bytes(of: messages) + 256 * messages.count
    }

    /// Bytes that the system has not taken yet.
    var waitingBytes: Int { state.withLock { $0.bytes } }

    /// Queues a message for subscription `id`; nil if there is none of this id.
    func push(_ message: ByteBuffer, for id: String) -> Signal? {
        let signal: Signal? = state.withLock { state in
            guard !state.isClosed, state.entries[id] != nil else { return nil }
            guard state.bytes + message.readableBytes <= byteLimit else {
                state.isClosed = true
                return .overflow
            }
            state.bytes += message.readableBytes
            if state.entries[id]?.pendingTag != nil {
                state.entries[id]?.held.append(message)
                return .nothing
            }
            state.frames.append(message)
            return state.frames.count == 1 ? .framesWait : .nothing
        }
        switch signal {
        case .nothing?, .framesWait?: keep(Self.size(of: [message]))
        case .overflow?, nil: break
        }
        return signal
    }

    /// Lets nothing more be pushed, for the sake of subscription `id`; nil if there is none of this id.
    func cutOff(_ id: String) -> Signal? {
        state.withLock { state in
            guard !state.isClosed, state.entries[id] != nil else { return nil }
            state.isClosed = true
            return .overflow
        }
    }

    /// The answer to body `tag` is written: its subscriptions may speak.
    func activate(tag: Int) -> Signal {
        state.withLock { state in
            let wasEmpty = state.frames.isEmpty
            for (id, entry) in state.entries where entry.pendingTag == tag {
                state.frames += entry.held
                state.entries[id]?.held = []
                state.entries[id]?.pendingTag = nil
            }
            return wasEmpty && !state.frames.isEmpty ? .framesWait : .nothing
        }
    }

    /// Takes all messages that wait.
    func takeFrames() -> [ByteBuffer] {
        state.withLock { state in
            defer { state.frames = [] }
            return state.isClosed ? [] : state.frames
        }
    }

    /// The system took messages.
    ///
    /// - Parameters:
    ///   - bytes: of all of them.
    ///   - size: what they took (``size(of:)``).
    func sent(_ bytes: Int, size: Int) {
        state.withLock { $0.bytes -= bytes }
        keep(-size)
    }

    /// Ends all subscriptions and takes no more.
    func close(_ reason: RPCSubscription.End) {
        let entries = state.withLock { state in
            state.isClosed = true
            state.frames = []
            defer { state.entries = [:] }
            return state.entries
        }
        all.remove(entries.count)
        for entry in entries.values { entry.onEnd(reason) }
    }
}

/// The number of subscriptions of all connections.
final class SubscriptionCount: Sendable {
    let limit: Int
    /// How many a connection may have however many others have, lest a few connections leave nobody else any.
    static let own = 4
    private let count = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Counts one more of a connection that has `own`; false if there are as many as there may be.
    func add(own: Int) -> Bool {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue > limit, own >= Self.own else {
            return true
        }
        remove(1)
        return false
    }

    func remove(_ ended: Int) { count.wrappingSubtract(ended, ordering: .relaxed) }
}
