import Consensus
import Replica

/// What the peers said about themselves, and when.
final class PeerTable: Sendable {
    /// What a peer said last.
    struct Entry: Sendable {
        /// How it was.
        var status: PeerStatus
        /// When this node heard it, milliseconds since 1970 by its own clock.
        var heardMillis: UInt64

        /// How far the peer's clock is ahead of this node's, milliseconds; the way of the message included.
        var clockOffsetMillis: Int64 {
            Int64(clamping: status.timeMillis) - Int64(clamping: heardMillis)
        }
    }

    private let entries = Locked([NodeID: Entry]())

    /// Takes what a peer said.
    func heard(_ status: PeerStatus, from peer: NodeID, nowMillis: UInt64) {
        entries.with { $0[peer] = Entry(status: status, heardMillis: nowMillis) }
    }

    /// What a peer said last.
    subscript(peer: NodeID) -> Entry? { entries.with { $0[peer] } }

    /// The highest block that a peer has executed, of those heard of lately.
    func highest(since millis: UInt64) -> UInt64? {
        entries.with { entries in
            entries.values.filter { $0.heardMillis >= millis }.map(\.status.height).max()
        }
    }
}
