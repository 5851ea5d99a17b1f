import Consensus
import Logging
import Synchronization
import Testing

@testable import Peers

/// Everything that a network says to its node, to be waited for.
final class Recorder: PeerReceiver {
    /// A frame that is no message, if there is one.
    let unreadable = Mutex([UInt8]?.none)

    struct Received: Equatable {
        var bytes: [UInt8]
        var peer: NodeID
        var lane: Lane
        var epoch: UInt64
    }

    struct Way: Hashable {
        var peer: NodeID
        var lane: Lane
    }

    struct Seen {
        var received: [Received] = []
        var receivedBytes = 0
        var connections: [Way: Int] = [:]
        var disconnections: [Way: Int] = [:]
        var reasons: [String] = []
        var refusals: [PeerRefusal] = []
        var logLines: [String] = []

        /// Lanes on which frames can be sent.
        func isConnected(_ peer: UInt64) -> Bool {
            Lane.allCases.allSatisfy { lane in
                let way = Way(peer: NodeID(peer), lane: lane)
                return (connections[way] ?? 0) > (disconnections[way] ?? 0)
            }
        }

        func refusal(_ reason: RefusalReason, _ side: PeerRefusal.Side) -> PeerRefusal? {
            refusals.first { $0.reason == reason && $0.side == side }
        }
    }

    private struct Waiter {
        var number: Int
        var condition: (Seen) -> Bool
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var seen = Seen()
        var waiters: [Waiter] = []
        var lastNumber = 0
    }

    private let state = Mutex(State())
    /// Whether the bytes of frames are kept, or only counted.
    private let keepsBytes: Bool

    init(keepsBytes: Bool = true) { self.keepsBytes = keepsBytes }

    var seen: Seen { state.withLock { $0.seen } }

    private func note(_ change: (inout Seen) -> Void) {
        let done = state.withLock { state in
            change(&state.seen)
            let seen = state.seen
            let done = state.waiters.filter { $0.condition(seen) }
            state.waiters.removeAll { waiter in done.contains { $0.number == waiter.number } }
            return done
        }
        for waiter in done { waiter.continuation.resume(returning: true) }
    }

    /// Waits until something was seen, for at most two minutes.
    func wait(
        _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: @escaping @Sendable (Seen) -> Bool
    ) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let patience = Task {
            // Some of what is waited for is no event here but shows when somebody looks.
            for _ in 0..<6_000 {
                try await Task.sleep(for: .milliseconds(20))
                self.note { _ in }
            }
            self.giveUp(number)
        }
        let happened = await withCheckedContinuation { continuation in
            let isTrue = state.withLock { state in
                if condition(state.seen) { return true }
                state.waiters.append(
                    Waiter(number: number, condition: condition, continuation: continuation))
                return false
            }
            if isTrue { continuation.resume(returning: true) }
        }
        patience.cancel()
        if !happened {
            let seen = seen
            Issue.record(
                """
                did not happen: \(what)
                refusals: \(seen.refusals.suffix(4))
                reasons: \(seen.reasons.suffix(4)) connections: \(seen.connections)
                """, sourceLocation: sourceLocation)
            throw GaveUp()
        }
    }

    struct GaveUp: Error {}

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            let place = state.waiters.firstIndex { $0.number == number }
            return place.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    // MARK: PeerReceiver

    func received(
        _ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64
    ) throws(UnreadableFrame) {
        if unreadable.withLock({ $0 == bytes }) { throw UnreadableFrame("no message") }
        note { seen in
            let kept = keepsBytes ? bytes : []
            seen.received.append(Received(bytes: kept, peer: peer, lane: lane, epoch: epoch))
            seen.receivedBytes += bytes.count
        }
    }

    func connected(to peer: NodeID, lane: Lane) {
        note { $0.connections[Way(peer: peer, lane: lane), default: 0] += 1 }
    }

    func disconnected(from peer: NodeID, lane: Lane, why: String) {
        note { seen in
            seen.disconnections[Way(peer: peer, lane: lane), default: 0] += 1
            seen.reasons.append(why)
        }
    }

    func refused(_ refusal: PeerRefusal) { note { $0.refusals.append(refusal) } }

    func logged(_ line: String) { note { $0.logLines.append(line) } }
}

/// Brings log lines to a recorder.
struct RecordingLog: LogHandler {
    let recorder: Recorder
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        recorder.logged("\(event.level) \(event.message) \(facts)")
    }
}
