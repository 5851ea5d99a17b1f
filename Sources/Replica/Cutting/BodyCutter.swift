import Execution
import Ledger

/// A body that this node cut, with what it knows of it already.
package struct CutBody: Sendable {
    /// The body.
    package let body: Body
    /// Its hash.
    package let hash: Hash32
    /// Its transactions, verified, in its order.
    package let transactions: [VerifiedTransaction]
}

/// Makes bodies one on top of the other, before those below are executed.
package struct BodyCutter {
    /// The last body cut, or the executed one that this node leads from.
    private var last: Tip
    private let leader: Address

    /// Begins at a tip; `leader` is the account of this node's key.
    package init(tip: Tip, leader: Address) {
        last = tip
        self.leader = leader
    }

    /// Begins again, because this node leads from another tip.
    package mutating func begin(at tip: Tip) { last = tip }

    /// Makes the next body.
    ///
    /// - Parameters:
    ///   - transactions: what goes in, in order.
    ///   - votes: votes for headers that go in.
    ///   - nowMillis: its time, unless the body before is later.
    ///   - versions: which protocol version holds at which height, as of any block executed so far.
    /// - Returns: the body, which the next one will stand on.
    package mutating func cut(
        _ transactions: [VerifiedTransaction], votes: [HeaderVote] = [], nowMillis: UInt64,
        versions: VersionSchedule
    ) -> CutBody {
        let time = max(nowMillis, last.timeMillis)
        let bytes = Body.encode(
            version: versions.version(at: last.height + 1), height: last.height + 1,
            parent: last.body, timeMillis: time, leader: leader, transactions: transactions,
            votes: votes)
        guard let body = try? Body(decoding: bytes) else {
            preconditionFailure("a body that was just encoded does not decode")
        }
        let cut = CutBody(body: body, hash: body.hash, transactions: transactions)
        last.height += 1
        last.body = cut.hash
        last.timeMillis = time
        return cut
    }
}

/// Bodies that this node cut and that are not executed yet, by height.
package struct CutBodies {
    private var bodies: [UInt64: CutBody] = [:]

    /// None.
    package init() {}

    /// Keeps one.
    package mutating func put(_ body: CutBody) { bodies[body.body.height] = body }

    /// Takes out the one of a height, and forgets those below, which were replaced by other leaders'.
    package mutating func take(height: UInt64) -> CutBody? {
        let found = bodies.removeValue(forKey: height)
        if !bodies.isEmpty { bodies = bodies.filter { $0.key > height } }  // any order will do
        return found
    }
}
