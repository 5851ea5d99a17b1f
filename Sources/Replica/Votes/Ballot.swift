import Ledger

/// What banks signed at the height of a block that this node executed.
struct Ballot {
    /// This node's own header.
    let header: Hash32
    /// The banks whose signatures count.
    let set: BankSet
    /// Whether votes for ``header`` are to go into a body.
    let isSampled: Bool
    /// Whether the block has its certificate.
    var isCertified = false
    /// Verified signatures under ``header``, each bank's once.
    private(set) var votes: [(bank: Bank, signature: Signature)] = []
    /// Votes for ``header`` that came after its certificate, at most one of each bank; unverified.
    private(set) var spare: [(bank: Bank, vote: HeaderVote)] = []
    /// Verified votes for other headers, at most two of each bank: with two it is convicted.
    private(set) var others: [(bank: Bank, vote: HeaderVote)] = []

    init(
        header: Hash32, set: BankSet, isSampled: Bool = false, isCertified: Bool = false
    ) {
        self.header = header
        self.set = set
        self.isSampled = isSampled
        self.isCertified = isCertified
    }

    /// Whether the bank has signed another header than this node's.
    func hasDisagreed(_ bank: Bank) -> Bool { others.contains { $0.bank.id == bank.id } }

    /// Whether a vote says nothing new, or no more than is kept; found out without its signature.
    func isKnown(_ vote: HeaderVote, of bank: Bank) -> Bool {
        if vote.header == header { return votes.contains { $0.bank.id == bank.id } }
        let known = others.lazy.filter { $0.bank.id == bank.id }
        return known.count == 2 || known.contains { $0.vote.header == vote.header }
    }

    /// Keeps a vote for the certified ``header`` without verifying it.
    ///
    /// The block needs no more signatures, and each one costs a recovery. But this one may convict its bank yet.
    mutating func keepSpare(_ vote: HeaderVote, of bank: Bank) {
        guard !spare.contains(where: { $0.bank.id == bank.id }) else { return }
        spare.append((bank, vote))
    }

    /// Keeps a verified vote.
    mutating func keep(_ vote: HeaderVote, of bank: Bank) {
        if vote.header == header {
            votes.append((bank, vote.signature))
        } else {
            others.append((bank, vote))
        }
    }

    /// A vote by the same bank for another header than a vote's, as far as one is known; one from
    /// ``spare`` is unverified.
    func contrary(to vote: HeaderVote, of bank: Bank) -> HeaderVote? {
        if vote.header != header {
            if let own = votes.first(where: { $0.bank.id == bank.id }) {
                return HeaderVote(height: vote.height, header: header, signature: own.signature)
            }
            if let own = spare.first(where: { $0.bank.id == bank.id }) { return own.vote }
        }
        return others.first { $0.bank.id == bank.id && $0.vote.header != vote.header }?.vote
    }

    /// The verified votes for a header, if they are enough for a certificate.
    func quorum(for header: Hash32) -> [(signer: Address, signature: Signature)]? {
        let agreeing =
            header == self.header
            ? votes
            : others.filter { $0.vote.header == header }.map { ($0.bank, $0.vote.signature) }
        guard agreeing.count >= Int(set.quorum) else { return nil }
        return agreeing.map { ($0.bank.nodeKey, $0.signature) }
    }
}
