import Consensus
import Execution
import Ledger
import Replica
import Threads

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

    /// How long ago a peer may have said how it is, to count as heard of lately.
    static let latelyMillis: UInt64 = 5_000

    private let entries = Locked([NodeID: Entry]())

    /// Takes what a peer said.
    func heard(_ status: PeerStatus, from peer: NodeID, nowMillis: UInt64) {
        entries.with { $0[peer] = Entry(status: status, heardMillis: nowMillis) }
    }

    /// What a peer said last.
    subscript(peer: NodeID) -> Entry? { entries.with { $0[peer] } }

    /// The highest block that at least so many peers say they have executed, of those heard of lately.
    ///
    /// What a bank said that was removed meanwhile counts no more: it may have been removed because it lied. One that
    /// the ledger has not numbered here yet was introduced by this node's operator.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - set: the banks.
    ///   - millis: since when they were heard of.
    /// - Returns: nil if fewer were heard of.
    func height(saidBy count: Int, in set: BankSet, since millis: UInt64 = 0) -> UInt64? {
        let heights = entries.with { entries in
            entries.filter { !set.hasRemoved($0.key.rawValue) && $0.value.heardMillis >= millis }
                .map(\.value.status.height)
        }
        guard count > 0, heights.count >= count else { return nil }
        return heights.sorted(by: >)[count - 1]
    }

    /// The last block that the slowest of some peers says it has executed, of those heard of since then.
    ///
    /// - Returns: nil if none was heard of.
    func lowestHeight(of peers: [NodeID], since millis: UInt64) -> UInt64? {
        entries.with { entries in
            peers.compactMap { entries[$0] }.filter { $0.heardMillis >= millis }
                .map(\.status.height).min()
        }
    }

    /// Whether a majority of the banks, which this one is not among, says it has executed as far as a body.
    func hasMajority(executed body: [UInt8], of set: BankSet) -> Bool {
        guard let height = Body.height(of: body) else { return false }
        return self.height(saidBy: set.banks.count / 2 + 1, in: set).map { $0 >= height } ?? false
    }
}
