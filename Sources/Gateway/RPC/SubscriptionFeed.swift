import NIOCore
import Synchronization

/// The subscriptions of one WebSocket connection and what waits to be sent for them.
///
/// All that waits is counted, up to the moment when the system took it. A client that lets more
/// than the limit gather is too slow: everything waiting is dropped and its connection ends.
final class SubscriptionFeed: Sendable {
    /// What a push or an activation leads to.
    enum Signal {
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

    init(byteLimit: Int, countLimit: Int) {
        self.byteLimit = byteLimit
        self.countLimit = countLimit
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
            state.bytes -= entry?.held.reduce(0) { $0 + $1.readableBytes } ?? 0
            return entry
        }
        entry?.onEnd(reason)
        return entry != nil
    }

    func isOpen(_ id: String) -> Bool { state.withLock { $0.entries[id] != nil } }

    /// Bytes that the system has not taken yet.
    var waitingBytes: Int { state.withLock { $0.bytes } }

    /// Queues a message for subscription `id`; nil if there is none of this id.
    func push(_ message: ByteBuffer, for id: String) -> Signal? {
        state.withLock { state in
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

    /// The system took messages of so many bytes.
    func sent(_ bytes: Int) { state.withLock { $0.bytes -= bytes } }

    /// Ends all subscriptions and takes no more.
    func close(_ reason: RPCSubscription.End) {
        let entries = state.withLock { state in
            state.isClosed = true
            state.frames = []
            defer { state.entries = [:] }
            return state.entries
        }
        for entry in entries.values { entry.onEnd(reason) }
    }
}
