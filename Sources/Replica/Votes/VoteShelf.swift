import Ledger

/// Votes for sampled headers that are to go into a body, so that the ledger knows who signed.
///
/// Every node keeps them, since any may be the next to cut bodies. A vote leaves when an executed body has
/// it, whoever cut that.
struct VoteShelf {
    private struct Entry {
        let bank: UInt64
        let vote: HeaderVote
        /// Whether it is in a body that this node cut and that is not executed yet.
        var isOrdered = false
    }

    /// How many are kept; the oldest go first.
    ///
    /// Those that nobody put into a body for so long are mostly of epochs that are over.
    static let countMax = 2_048

    /// In the order in which they came.
    private var entries: [Entry] = []

    /// Keeps a vote, checked or not, unless there is one of the bank for the height.
    mutating func put(_ vote: HeaderVote, of bank: UInt64) {
        let isKnown = entries.contains { $0.bank == bank && $0.vote.height == vote.height }
        guard !isKnown else { return }
        if entries.count == Self.countMax { entries.removeFirst() }
        entries.append(Entry(bank: bank, vote: vote))
    }

    /// Takes the votes of the next body, as many as it has room for.
    mutating func take() -> [HeaderVote] {
        guard !entries.isEmpty else { return [] }
        var votes: [HeaderVote] = []
        for index in entries.indices where !entries[index].isOrdered {
            entries[index].isOrdered = true
            votes.append(entries[index].vote)
            if votes.count == Body.votesLimit { break }
        }
        return votes
    }

    /// Lets the votes of lost bodies go into others.
    mutating func takeBackOrdered() {
        for index in entries.indices { entries[index].isOrdered = false }
    }

    /// Forgets what an executed body has.
    mutating func remove(_ votes: [HeaderVote]) {
        guard !votes.isEmpty, !entries.isEmpty else { return }
        let ordered = Set(votes)
        entries.removeAll { ordered.contains($0.vote) }
    }
}
