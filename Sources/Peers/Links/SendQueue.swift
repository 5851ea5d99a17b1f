import NIOCore
import Synchronization

/// Frames that wait for one connection, bounded in bytes; filled from any thread.
final class SendQueue: Sendable {
    /// What became of a frame.
    enum Outcome: Equatable {
        /// It waits, and somebody is on the way to fetch it.
        case queued
        /// It waits, and the connection has to be told.
        case tellConnection
        /// There is no connection.
        case dropped
        /// The bound is passed: the connection has to be broken, nothing waits any more.
        case overflow
    }

    /// Some frames with what they count for.
    struct Batch {
        var frames: [any PeerFrame]
        var byteCount: Int
        var generation: UInt64
    }

    private struct State {
        var isOpen = false
        var frames = CircularBuffer<any PeerFrame>()
        /// Of `frames` and of those that were taken and have not left yet.
        var byteCount = 0
        var takenFrames = 0
        var isConnectionTold = false
        /// Told apart, so that a late word about an older connection's frames changes nothing.
        var generation: UInt64 = 0
        var dropped: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// Queues a frame if there is a connection.
    func push(_ frame: any PeerFrame) -> Outcome {
        state.withLock { state in
            guard state.isOpen else {
                state.dropped += 1
                return .dropped
            }
            let count = max(1, frame.byteCount)
            // A frame alone always passes, however small the bound was set.
            guard state.byteCount == 0 || state.byteCount + count <= limit else {
                state.dropped += 1
                Self.clear(&state)
                return .overflow
            }
            state.frames.append(frame)
            state.byteCount += count
            guard !state.isConnectionTold else { return .queued }
            state.isConnectionTold = true
            return .tellConnection
        }
    }

    /// Takes frames until they have so many bytes, at least one; nil if none waits.
    func take(_ wanted: Int) -> Batch? {
        state.withLock { state in
            var batch = Batch(frames: [], byteCount: 0, generation: state.generation)
            while batch.byteCount < wanted, let frame = state.frames.popFirst() {
                batch.byteCount += max(1, frame.byteCount)
                batch.frames.append(frame)
            }
            state.takenFrames += batch.frames.count
            if batch.frames.isEmpty { state.isConnectionTold = false }
            return batch.frames.isEmpty ? nil : batch
        }
    }

    /// These frames have left.
    func left(_ batch: Batch) {
        state.withLock { state in
            guard state.generation == batch.generation else { return }
            state.byteCount -= batch.byteCount
            state.takenFrames -= batch.frames.count
        }
    }

    /// There is a connection.
    func open() { state.withLock { $0.isOpen = true } }

    /// There is none any more: everything that waits is dropped.
    func close() { state.withLock { Self.clear(&$0) } }

    /// Bytes that wait.
    var byteCount: Int { state.withLock { $0.byteCount } }

    /// How many frames were dropped so far.
    var dropped: UInt64 { state.withLock { $0.dropped } }

    private static func clear(_ state: inout State) {
        state.dropped += UInt64(state.frames.count + state.takenFrames)
        state.isOpen = false
        state.frames.removeAll()
        state.byteCount = 0
        state.takenFrames = 0
        state.isConnectionTold = false
        state.generation += 1
    }
}
