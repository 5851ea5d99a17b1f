import Ledger

/// Votes for heights that this node has not executed, from banks that are ahead; unverified.
///
/// Whether a signature counts, and whom two of them convict, is known once the set of banks of the height is.
struct EarlyVotes {
    private struct Pair {
        let first: HeaderVote
        /// One for another header.
        var second: HeaderVote?
    }

    /// By bank and height.
    private var pairs: [UInt64: [UInt64: Pair]] = [:]

    /// Keeps a vote, unless it says nothing new: of one bank and height, two for different headers are all that
    /// a conviction needs.
    mutating func keep(_ vote: HeaderVote, from bank: UInt64) {
        guard let known = pairs[bank]?[vote.height] else {
            pairs[bank, default: [:]][vote.height] = Pair(first: vote)
            return
        }
        guard known.second == nil, known.first.header != vote.header else { return }
        pairs[bank]?[vote.height]?.second = vote
    }

    /// Takes the votes for a height.
    ///
    /// - Parameters:
    ///   - height: every vote for it is forgotten.
    ///   - set: the banks that sign it; what others sent is not given.
    /// - Returns: who sent what, in the order of the set.
    mutating func take(at height: UInt64, of set: BankSet) -> [(bank: UInt64, vote: HeaderVote)] {
        var votes: [(bank: UInt64, vote: HeaderVote)] = []
        for bank in set.banks {
            guard let pair = pairs[bank.id]?[height] else { continue }
            votes.append((bank.id, pair.first))
            if let second = pair.second { votes.append((bank.id, second)) }
        }
        for bank in pairs.keys.sorted() {
            pairs[bank]?.removeValue(forKey: height)
            if pairs[bank]?.isEmpty == true { pairs[bank] = nil }
        }
        return votes
    }
}
