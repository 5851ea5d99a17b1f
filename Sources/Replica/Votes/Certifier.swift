import Ledger

/// Signs what this node executed and gathers the banks' signatures until they make a certificate.
///
/// A value without clock or sockets: an event goes in, what must be done comes out. Votes of banks that
/// are ahead wait until this node has executed as far; votes for other headers than its own are kept as
/// long as they may convict somebody.
package struct Certifier {
    /// What must be done after an event.
    package enum Action: Equatable, Sendable {
        /// Send this node's vote to every other bank.
        case send(HeaderVote)
        /// Store a certificate of this node's own header; readers may rely on everything up to it.
        case certified(Certificate)
        /// The banks certified another header than this node's: it must stop serving.
        case diverged(height: UInt64, own: Hash32, Certificate)
        /// A bank signed two headers of one height: keep the proof of it.
        case evidence(DoubleVote, bank: UInt64)
        /// A bank signed another header than this node's, alone so far: tell the operator.
        case disagreement(bank: UInt64, HeaderVote)
    }

    /// A block that this node executed.
    private struct Ballot {
        let header: Hash32
        /// The banks whose signatures count for it.
        let set: BankSet
        /// Whether it has its certificate.
        var isCertified = false
        /// Verified signatures under ``header``, each bank's once.
        var votes: [(bank: Bank, signature: Signature)] = []
        /// Votes for ``header`` that came after its certificate, at most one of each bank; unverified.
        var spare: [(bank: Bank, vote: HeaderVote)] = []
        /// Verified votes for other headers, at most one of each bank.
        var others: [(bank: Bank, vote: HeaderVote)] = []
    }

    /// How many heights ahead of this node's a vote is kept; more would only fill memory.
    package static let heightsAhead: UInt64 = 4_096
    /// How many executed heights are kept in memory, certified or not.
    package static let heightsKept: UInt64 = 16_384

    private let domain: EIP712.Domain
    private let key: PrivateKey
    private let id: UInt64
    private var ballots: [UInt64: Ballot] = [:]
    /// Votes for heights that this node has not executed, by bank; unverified.
    private var early: [UInt64: [UInt64: HeaderVote]] = [:]
    /// The last executed height.
    private var head: UInt64
    /// The first height in ``ballots``.
    private var first: UInt64
    /// Every height up to here has its certificate, or is no longer kept.
    private var settled: UInt64

    /// The highest certified height.
    ///
    /// A certificate stands for every block below its own, which its header names through their hashes.
    package private(set) var certified: UInt64

    /// Begins on top of an executed block.
    ///
    /// - Parameters:
    ///   - chainID: the ledger's.
    ///   - key: this bank's node key.
    ///   - id: this bank's id.
    ///   - head: the height of the last executed block.
    ///   - certified: the highest height of which a certificate is stored; 0 if none is.
    package init(chainID: UInt64, key: PrivateKey, id: UInt64, head: UInt64, certified: UInt64) {
        domain = .headers(chainID: chainID)
        self.key = key
        self.id = id
        self.head = head
        self.certified = certified
        first = head + 1
        settled = head
    }

    // MARK: Events

    /// Takes note that the next block was executed.
    ///
    /// - Parameters:
    ///   - height: its height, one above the last one's.
    ///   - header: the hash of its header.
    ///   - set: the banks that sign it.
    ///   - certificate: one that came with it; if it is valid, this node need not sign.
    /// - Returns: what must be done.
    package mutating func executed(
        height: UInt64, header: Hash32, set: BankSet, certificate: Certificate? = nil
    ) -> [Action] {
        head = height
        ballots[height] = Ballot(header: header, set: set)
        forgetOldest()
        var actions: [Action] = []
        if let certificate, certificate.height == height,
            (try? certificate.verify(in: domain, set: set)) != nil
        {
            drop(earlyAt: height)
            actions += adopt(certificate)
            return actions
        }
        if let bank = set.bank(signing: key.address) {
            let vote = HeaderVote(height: height, header: header, signedBy: key, in: domain)
            actions.append(.send(vote))
            count(vote, of: bank, &actions)
        }
        for bank in set.banks {
            guard let vote = early[bank.id]?.removeValue(forKey: height) else { continue }
            actions += received(vote, from: bank.id)
        }
        drop(earlyAt: height)
        return actions
    }

    /// Takes up a stored block, as a node starts: each in turn, up to the last one, before any is executed.
    ///
    /// - Parameters:
    ///   - height: its height, one above the last one's.
    ///   - header: the hash of its header.
    ///   - set: the banks that sign it.
    ///   - isCertified: whether its certificate is stored. If not, signatures are gathered as for a block that
    ///     is executed now: all banks may have stopped before they had heard each other.
    /// - Returns: what must be done.
    package mutating func resumed(
        height: UInt64, header: Hash32, set: BankSet, isCertified: Bool
    ) -> [Action] {
        guard isCertified else { return executed(height: height, header: header, set: set) }
        head = height
        ballots[height] = Ballot(header: header, set: set, isCertified: true)
        if settled == height - 1 { settled = height }
        forgetOldest()
        return []
    }

    /// Takes a vote that the bank itself sent.
    package mutating func received(_ vote: HeaderVote, from bank: UInt64) -> [Action] {
        guard bank != id else { return [] }
        var actions: [Action] = []
        guard vote.height <= head else {
            guard vote.height <= head + Self.heightsAhead else { return [] }
            if let other = early[bank]?[vote.height], other.header != vote.header {
                convict(bank, other, vote, set: nil, &actions)
            } else {
                early[bank, default: [:]][vote.height] = vote
            }
            return actions
        }
        guard let ballot = ballots[vote.height], let bank = ballot.set[id: bank] else { return [] }
        if vote.header == ballot.header {
            guard !ballot.votes.contains(where: { $0.bank.id == bank.id }),
                !ballot.spare.contains(where: { $0.bank.id == bank.id })
            else { return [] }
            if let other = ballot.others.first(where: { $0.bank.id == bank.id })?.vote {
                convict(bank.id, other, vote, set: ballot.set, &actions)
            }
            if ballot.isCertified {
                // It needs no more signatures, and each one costs a recovery. But this one may convict
                // its bank yet.
                ballots[vote.height]?.spare.append((bank, vote))
            } else if vote.signer(in: domain) == bank.nodeKey {
                count(vote, of: bank, &actions)
            }
            return actions
        }
        guard !ballot.others.contains(where: { $0.bank.id == bank.id }),
            vote.signer(in: domain) == bank.nodeKey
        else { return [] }
        disagree(vote, bank, &actions)
        return actions
    }

    /// Takes a certificate from a peer.
    ///
    /// - Returns: nothing if it is not valid, or of a block that this node has not executed or no longer
    ///   keeps in memory.
    package mutating func received(_ certificate: Certificate) -> [Action] {
        guard let ballot = ballots[certificate.height], !ballot.isCertified,
            (try? certificate.verify(in: domain, set: ballot.set)) != nil
        else { return [] }
        return adopt(certificate)
    }

    // MARK: What is missing

    /// Whether executed blocks wait for their certificates.
    package var isWaiting: Bool { certified < head }

    /// The heights from the first that has no certificate to the last executed one; nil if none lacks one.
    package var missing: ClosedRange<UInt64>? {
        var height = max(first, settled + 1)
        while let ballot = ballots[height], ballot.isCertified { height += 1 }
        return height <= head ? height...head : nil
    }

    /// This node's votes for blocks without a certificate, the oldest first, for sending them again.
    package func ownVotes(limit: Int) -> [HeaderVote] {
        guard let missing else { return [] }
        var votes: [HeaderVote] = []
        for height in missing where votes.count < limit {
            guard let ballot = ballots[height], !ballot.isCertified,
                let own = ballot.votes.first(where: { $0.bank.id == id })
            else { continue }
            votes.append(
                HeaderVote(height: height, header: ballot.header, signature: own.signature))
        }
        return votes
    }

    // MARK: Counting

    /// Counts a verified vote for this node's own header.
    private mutating func count(
        _ vote: HeaderVote, of bank: Bank, _ actions: inout [Action]
    ) {
        guard var ballot = ballots[vote.height], !ballot.isCertified else { return }
        ballot.votes.append((bank, vote.signature))
        ballots[vote.height] = ballot
        guard ballot.votes.count >= Int(ballot.set.quorum) else { return }
        actions += adopt(certificate(vote.height, ballot.header, ballot.votes))
    }

    private func certificate(
        _ height: UInt64, _ header: Hash32, _ votes: [(bank: Bank, signature: Signature)]
    ) -> Certificate {
        Certificate(
            height: height, header: header,
            votes: votes.map { (signer: $0.bank.nodeKey, signature: $0.signature) })
    }

    /// Counts a verified vote for another header than this node's.
    private mutating func disagree(
        _ vote: HeaderVote, _ bank: Bank, _ actions: inout [Action]
    ) {
        guard var ballot = ballots[vote.height] else { return }
        if let spare = ballot.spare.first(where: { $0.bank.id == bank.id })?.vote {
            convict(bank.id, spare, vote, set: ballot.set, &actions)
        } else if let same = ballot.votes.first(where: { $0.bank.id == bank.id }) {
            let other = HeaderVote(
                height: vote.height, header: ballot.header, signature: same.signature)
            convict(bank.id, other, vote, set: ballot.set, &actions)
        }
        ballot.others.append((bank, vote))
        ballots[vote.height] = ballot
        actions.append(.disagreement(bank: bank.id, vote))
        let agreeing = ballot.others.filter { $0.vote.header == vote.header }
        guard agreeing.count >= Int(ballot.set.quorum) else { return }
        actions.append(
            .diverged(
                height: vote.height, own: ballot.header,
                certificate(
                    vote.height, vote.header, agreeing.map { ($0.bank, $0.vote.signature) })))
    }

    /// Keeps two votes of a bank as evidence, if the same key made them and, where the set is known, it
    /// is that bank's.
    private func convict(
        _ bank: UInt64, _ one: HeaderVote, _ other: HeaderVote, set: BankSet?,
        _ actions: inout [Action]
    ) {
        guard let signer = one.signer(in: domain), other.signer(in: domain) == signer,
            set.map({ $0[id: bank]?.nodeKey == signer }) ?? true
        else { return }
        actions.append(.evidence(DoubleVote(one, other), bank: bank))
    }

    /// Takes a verified certificate.
    private mutating func adopt(_ certificate: Certificate) -> [Action] {
        guard var ballot = ballots[certificate.height], !ballot.isCertified else { return [] }
        guard certificate.header == ballot.header else {
            return [.diverged(height: certificate.height, own: ballot.header, certificate)]
        }
        ballot.isCertified = true
        ballots[certificate.height] = ballot
        certified = max(certified, certificate.height)
        while let next = ballots[settled + 1], next.isCertified { settled += 1 }
        return [.certified(certificate)]
    }

    private mutating func drop(earlyAt height: UInt64) {
        for bank in early.keys.sorted() {
            early[bank]?.removeValue(forKey: height)
            if early[bank]?.isEmpty == true { early[bank] = nil }
        }
    }

    private mutating func forgetOldest() {
        while head - first >= Self.heightsKept {
            ballots.removeValue(forKey: first)
            settled = max(settled, first)
            first += 1
        }
    }
}
