import NIOCore
import Synchronization

/// Which of a bank's processes speaks to this node.
///
/// Two that run with one identity would vote twice and acknowledge what only one of them has: of three banks, two
/// ledgers could be certified. So while one is heard, no other is let in. One that was started again is: the
/// connections of the process before ended with it, or are silent.
final class Presence: Sendable {
    private struct State {
        var instance: UInt64 = 0
        var remote = ""
        var connections = 0
        /// Counts the processes that were let in one after the other.
        var era: UInt64 = 0
    }

    private let state = Mutex(State())
    /// When something last came from the process, in nanoseconds of the system's uptime.
    private let heardAt = Atomic<UInt64>(0)

    /// Something came from the process that was let in.
    func heard(at now: NIODeadline = .now()) {
        heardAt.store(now.uptimeNanoseconds, ordering: .relaxed)
    }

    /// A connection has said who it is.
    ///
    /// - Parameters:
    ///   - instance: the number that its process gave itself.
    ///   - remote: from where it comes.
    ///   - patience: another process that was not heard for so long makes way.
    ///   - now: the time.
    /// - Returns: what ``leave(_:)`` is told once the connection is over.
    /// - Throws: ``RefusalReason/identityInUse`` while another process is there.
    func enter(
        _ instance: UInt64, from remote: String, patience: TimeAmount, at now: NIODeadline = .now()
    ) throws(Refusal) -> UInt64 {
        let heard = NIODeadline.uptimeNanoseconds(heardAt.load(ordering: .relaxed))
        let entered: Result<UInt64, Refusal> = state.withLock { state in
            if state.instance != instance {
                guard state.connections == 0 || now - heard >= patience else {
                    return .failure(Self.refusal(state.remote, silence: now - heard))
                }
                state = State(instance: instance, era: state.era + 1)
            }
            state.remote = remote
            state.connections += 1
            return .success(state.era)
        }
        let era = try entered.get()
        self.heard(at: now)
        return era
    }

    private static func refusal(_ remote: String, silence: TimeAmount) -> Refusal {
        Refusal(
            .identityInUse,
            "another node with your bank's identity is connected from \(remote), heard "
                + "\(max(silence.nanoseconds, 0) / 1_000_000) ms ago: stop one of the two")
    }

    /// A connection of the process that was let in is over.
    func leave(_ era: UInt64) {
        state.withLock { if $0.era == era { $0.connections -= 1 } }
    }
}
