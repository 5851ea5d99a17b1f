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
        /// A bank's node hands over vote after vote that the bank did not sign: tell the operator.
        case forgery(bank: UInt64)
    }

    /// How many heights ahead of this node's a vote is kept; more would only fill memory.
    package static let heightsAhead: UInt64 = 4_096
    /// How many executed heights are kept in memory, certified or not.
    package static let heightsKept: UInt64 = 16_384

    private let domain: EIP712.Domain
    private let account: Address
    /// Nil where a signer elsewhere has it.
    private let key: PrivateKey?
    private let id: UInt64
    private var ballots: [UInt64: Ballot] = [:]
    /// Votes for heights that this node has not executed.
    private var early = EarlyVotes()
    /// Votes that banks handed over as theirs and had not signed.
    private var forged = ForgedVotes()
    /// What a signer elsewhere is still to sign; empty where the key is here.
    private var unsigned = SigningQueue(keeping: Int(heightsKept))
    /// From here on this node's headers are not the banks': it signs none of them.
    private var wrongFrom = UInt64.max
    /// Votes that are to go into a body.
    private var shelf = VoteShelf()
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
    ///   - account: of this bank's node key.
    ///   - key: the node key; nil where a signer elsewhere has it, see ``takeUnsigned()``.
    ///   - id: this bank's id.
    ///   - head: the height of the last executed block.
    ///   - certified: the highest height of which a certificate is stored; 0 if none is.
    package init(
        chainID: UInt64, account: Address, key: PrivateKey?, id: UInt64, head: UInt64,
        certified: UInt64
    ) {
        domain = .headers(chainID: chainID)
        self.account = account
        self.key = key
        self.id = id
        self.head = head
        self.certified = certified
        first = head + 1
        settled = head
    }

    // MARK: Events

    /// Whether this node certifies what it executes without anybody else: a bank by itself, which has its key here.
    package func certifiesAlone(_ height: UInt64, in set: BankSet) -> Bool {
        key != nil && height < wrongFrom && set.quorum == 1 && set.bank(signing: account) != nil
    }

    /// Takes note that the next block was executed.
    ///
    /// - Parameters:
    ///   - height: its height, one above the last one's.
    ///   - header: the hash of its header.
    ///   - set: the banks that sign it.
    ///   - certificate: one that came with it; if it is valid, this node need not sign.
    ///   - isSampled: whether it is asked who signed it, so that votes for it are to go into a body.
    ///   - isNeeded: whether a later certificate does not do for its own: whoever begins with a checkpoint asks
    ///     for those of some blocks.
    ///   - votes: those in its own body.
    /// - Returns: what must be done.
    package mutating func executed(
        height: UInt64, header: Hash32, set: BankSet, certificate: Certificate? = nil,
        isSampled: Bool = false, isNeeded: Bool = false, votes: [HeaderVote] = []
    ) -> [Action] {
        head = height
        forged.forgive()
        ballots[height] = Ballot(
            header: header, set: set, isSampled: isSampled)
        forgetOldest()
        shelf.remove(votes)
        var actions: [Action] = []
        let signers = certificate.flatMap { certificate in
            certificate.height == height ? try? certificate.verify(in: domain, set: set) : nil
        }
        if let certificate, let signers {
            adopt(certificate, signedBy: signers, &actions)
        } else if height < wrongFrom, let bank = set.bank(signing: account) {
            if let key {
                let vote = HeaderVote(height: height, header: header, signedBy: key, in: domain)
                actions.append(.send(vote))
                count(vote, of: bank, &actions)
            } else {
                unsigned.add(height, isNeeded: isNeeded)
            }
        }
        for (bank, vote) in early.take(at: height, of: set) {
            actions += received(vote, from: bank)
        }
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
    ///   - certificate: that certificate. Who signed it is convicted by a vote for another header that comes late.
    ///   - isSampled: whether votes for it are to go into a body.
    ///   - isNeeded: whether a later certificate does not do for its own.
    /// - Returns: what must be done.
    package mutating func resumed(
        height: UInt64, header: Hash32, set: BankSet, isCertified: Bool,
        certificate: Certificate? = nil, isSampled: Bool = false, isNeeded: Bool = false
    ) -> [Action] {
        guard isCertified else {
            return executed(
                height: height, header: header, set: set, isSampled: isSampled,
                isNeeded: isNeeded)
        }
        head = height
        ballots[height] = Ballot(header: header, set: set, isCertified: true)
        if settled == height - 1 { settled = height }
        forgetOldest()
        guard let certificate, certificate.height == height,
            let signers = try? certificate.verify(in: domain, set: set)
        else { return [] }
        var actions: [Action] = []
        adopt(certificate, signedBy: signers, &actions)
        return actions
    }

    /// Takes a vote that the bank itself sent.
    ///
    /// Of a bank's node that handed over too many which it had not signed, none is looked at for a while: each
    /// costs the search for its signer.
    package mutating func received(_ vote: HeaderVote, from bank: UInt64) -> [Action] {
        guard bank != id else { return [] }
        guard vote.height <= head else {
            if vote.height <= head + Self.heightsAhead { early.keep(vote, from: bank) }
            return []
        }
        guard let ballot = ballots[vote.height], let bank = ballot.set[id: bank],
            !ballot.isKnown(vote, of: bank)
        else { return [] }
        if ballot.isCertified, vote.header == ballot.header, !ballot.hasDisagreed(bank) {
            ballots[vote.height]?.keepSpare(vote, of: bank)
            // Execution checks it, if ever it goes into a body.
            if ballot.isSampled { shelf.put(vote, of: bank.id) }
            return []
        }
        guard forged.isBelieved(bank.id) else { return [] }
        guard vote.signer(in: domain) == bank.nodeKey else {
            return forged.add(bank.id) ? [.forgery(bank: bank.id)] : []
        }
        var actions: [Action] = []
        count(vote, of: bank, &actions)
        return actions
    }

    /// Takes a certificate from a peer.
    ///
    /// One of a certified block is looked at too if it may say something new: if it is for another header,
    /// or some banks have signed another one.
    ///
    /// - Returns: nothing if it is not valid, or of a block that this node has not executed or no longer
    ///   keeps in memory.
    package mutating func received(_ certificate: Certificate) -> [Action] {
        guard let ballot = ballots[certificate.height],
            !ballot.isCertified || certificate.header != ballot.header || !ballot.others.isEmpty,
            let signers = try? certificate.verify(in: domain, set: ballot.set)
        else { return [] }
        var actions: [Action] = []
        adopt(certificate, signedBy: signers, &actions)
        return actions
    }

    // MARK: A key elsewhere

    /// Takes what a signer elsewhere is to sign next.
    ///
    /// - Returns: nil if nothing is to be signed. What is certified is left out unless the ledger asks who
    ///   signed it.
    package mutating func takeUnsigned() -> EIP712.Header? {
        while let height = unsigned.next() {
            guard let ballot = ballots[height], !ballot.isCertified || ballot.isSampled else {
                continue
            }
            return EIP712.Header(height: height, hash: ballot.header)
        }
        return nil
    }

    /// Takes back what the signer did not sign; it is asked again.
    package mutating func takeBack(_ message: EIP712.Header) {
        guard message.height < wrongFrom else { return }
        unsigned.putBack(message.height)
    }

    /// Takes this node's own vote, signed as ``takeUnsigned()`` asked.
    ///
    /// - Parameter vote: by this node's key, which is known.
    /// - Returns: what must be done.
    package mutating func signed(_ vote: HeaderVote) -> [Action] {
        guard vote.height < wrongFrom, let ballot = ballots[vote.height],
            ballot.header == vote.header, let bank = ballot.set.bank(signing: account)
        else { return [] }
        var actions = [Action.send(vote)]
        count(vote, of: bank, &actions)
        return actions
    }

    // MARK: Votes in bodies

    /// Takes the votes that go into the next body that this node cuts.
    package mutating func takeVotes() -> [HeaderVote] { shelf.take() }

    /// Takes note that bodies which this node cut may be lost.
    package mutating func takeBackVotes() { shelf.takeBackOrdered() }

    // MARK: What is missing

    /// The heights from the first that has no certificate to the last executed one; nil if none lacks one.
    package var missing: ClosedRange<UInt64>? {
        var height = max(first, settled + 1)
        while let ballot = ballots[height], ballot.isCertified { height += 1 }
        return height <= head ? height...head : nil
    }

    /// This node's votes for blocks without a certificate, for sending them again.
    ///
    /// The newest first, whose certificate stands for all below; then the others, the oldest first.
    package func ownVotes(limit: Int) -> [HeaderVote] {
        guard limit > 0, let missing,
            let newest = missing.reversed().lazy.compactMap(ownVote).first
        else { return [] }
        let others = missing.lazy.prefix { $0 < newest.height }.compactMap(ownVote)
        return [newest] + others.prefix(limit - 1)
    }

    /// This node's vote for a block that has no certificate.
    private func ownVote(at height: UInt64) -> HeaderVote? {
        guard height < wrongFrom, let ballot = ballots[height], !ballot.isCertified,
            let own = ballot.votes.first(where: { $0.bank.id == id })
        else { return nil }
        return HeaderVote(height: height, header: ballot.header, signature: own.signature)
    }

    // MARK: Counting

    /// Counts a verified vote.
    private mutating func count(
        _ vote: HeaderVote, of bank: Bank, _ actions: inout [Action]
    ) {
        note(vote, of: bank, &actions)
        guard let ballot = ballots[vote.height],
            !ballot.isCertified || vote.header != ballot.header,
            let votes = ballot.quorum(for: vote.header)
        else { return }
        settle(Certificate(height: vote.height, header: vote.header, votes: votes), &actions)
    }

    /// Keeps a verified vote, and with an earlier one for another header the proof that its bank lied.
    private mutating func note(
        _ vote: HeaderVote, of bank: Bank, _ actions: inout [Action]
    ) {
        guard let ballot = ballots[vote.height], !ballot.isKnown(vote, of: bank) else { return }
        if let other = ballot.contrary(to: vote, of: bank),
            other.signer(in: domain) == bank.nodeKey
        {
            actions.append(.evidence(DoubleVote(other, vote), bank: bank.id))
        }
        if vote.header != ballot.header {
            actions.append(.disagreement(bank: bank.id, vote))
        }
        ballots[vote.height]?.keep(vote, of: bank)
        if ballot.isSampled, vote.header == ballot.header { shelf.put(vote, of: bank.id) }
    }

    /// Takes a verified certificate: what its banks signed counts as if each had sent it.
    private mutating func adopt(
        _ certificate: Certificate, signedBy signers: [Bank], _ actions: inout [Action]
    ) {
        for (bank, signature) in zip(signers, certificate.signatures) {
            let vote = HeaderVote(
                height: certificate.height, header: certificate.header, signature: signature)
            note(vote, of: bank, &actions)
        }
        settle(certificate, &actions)
    }

    /// Acts on a valid certificate.
    private mutating func settle(_ certificate: Certificate, _ actions: inout [Action]) {
        let height = certificate.height
        guard let ballot = ballots[height] else { return }
        guard certificate.header == ballot.header else {
            wrongFrom = min(wrongFrom, height)
            unsigned.drop(from: wrongFrom)
            actions.append(.diverged(height: height, own: ballot.header, certificate))
            return
        }
        guard !ballot.isCertified else { return }
        ballots[height]?.isCertified = true
        certified = max(certified, height)
        while let next = ballots[settled + 1], next.isCertified { settled += 1 }
        actions.append(.certified(certificate))
    }

    private mutating func forgetOldest() {
        while head - first >= Self.heightsKept {
            ballots.removeValue(forKey: first)
            settled = max(settled, first)
            first += 1
        }
    }
}
