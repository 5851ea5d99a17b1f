import Ledger
import Testing

@testable import Replica

@Suite struct CertifierTests {
    let chainID: UInt64 = 77
    var domain: EIP712.Domain { .headers(chainID: chainID) }

    func set(_ count: UInt64) throws -> BankSet {
        try BankSet(
            ledger: .zero,
            banks: (1...count).map { id in
                Bank(
                    id: id, name: "Bank \(id)", nodeKey: TestAccounts.address(Int(id)),
                    operator: TestAccounts.address(Int(id)), endpoint: "")
            })
    }

    func certifier(_ id: UInt64) -> Certifier {
        Certifier(
            chainID: chainID, account: TestAccounts.address(Int(id)),
            key: TestAccounts.key(Int(id)), id: id, head: 0, certified: 0)
    }

    func vote(_ bank: Int, _ height: UInt64, _ header: UInt64) -> HeaderVote {
        HeaderVote(
            height: height, header: Hash32(0, 0, 0, header), signedBy: TestAccounts.key(bank),
            in: domain)
    }

    func header(_ number: UInt64) -> Hash32 { Hash32(0, 0, 0, number) }

    /// A certificate of block 1.
    private func signed(_ banks: [Int], header number: UInt64) -> Certificate {
        Certificate(
            height: 1, header: header(number),
            votes: banks.map { (TestAccounts.address($0), vote($0, 1, number).signature) })
    }

    private func proof(against bank: Int, _ one: UInt64, _ other: UInt64) -> Certifier.Action {
        .evidence(DoubleVote(vote(bank, 1, one), vote(bank, 1, other)), bank: UInt64(bank))
    }

    private func made(by actions: [Certifier.Action]) -> Certificate? {
        for case .certified(let certificate) in actions { return certificate }
        return nil
    }

    @Test func `one bank certifies by itself`() throws {
        var certifier = certifier(1)
        let actions = certifier.executed(height: 1, header: header(5), set: try set(1))
        try #require(made(by: actions)).verify(chainID: chainID, set: try set(1))
        #expect(certifier.certified == 1)
        #expect(certifier.missing == nil)
    }

    @Test(arguments: [false, true])
    func `a majority's votes make a certificate, whether they come before or after execution`(
        early: Bool
    ) throws {
        var certifier = certifier(1)
        var actions: [Certifier.Action] = []
        if early { actions += certifier.received(vote(2, 1, 5), from: 2) }
        #expect(made(by: actions) == nil)
        actions += certifier.executed(height: 1, header: header(5), set: try set(3))
        if !early {
            #expect(made(by: actions) == nil)
            #expect(certifier.missing == 1...1)
            #expect(certifier.ownVotes(limit: 9) == [vote(1, 1, 5)])
            actions += certifier.received(vote(2, 1, 5), from: 2)
        }
        let certificate = try #require(made(by: actions))
        #expect(certificate.signatures.count == 2)
        try certificate.verify(chainID: chainID, set: try set(3))
        #expect(certifier.certified == 1)
    }

    @Test func `a bank's node that hands over forged votes is not listened to for a while`() throws
    {
        var certifier = certifier(1)
        for height in 1...2 as ClosedRange<UInt64> {
            _ = certifier.executed(height: height, header: header(height), set: try set(4))
        }
        let forged = (0..<UInt64(ForgedVotes.limit)).map { vote(4, 1, 1_000 + $0) }
        #expect(forged.dropLast().allSatisfy { certifier.received($0, from: 3).isEmpty })
        // Before, and by others, what was signed counts.
        #expect(
            certifier.received(vote(3, 1, 9), from: 3) == [.disagreement(bank: 3, vote(3, 1, 9))])
        #expect(certifier.received(try #require(forged.last), from: 3) == [.forgery(bank: 3)])
        #expect(certifier.received(vote(3, 2, 9), from: 3) == [])
        #expect(
            certifier.received(vote(4, 2, 9), from: 4) == [.disagreement(bank: 4, vote(4, 2, 9))])
        // With each block it is asked once more who signed one, and told of no second time.
        _ = certifier.executed(height: 3, header: header(3), set: try set(4))
        #expect(certifier.received(vote(4, 2, 8), from: 3) == [])
        #expect(certifier.received(vote(3, 2, 9), from: 3) == [])
        _ = certifier.executed(height: 4, header: header(4), set: try set(4))
        #expect(
            certifier.received(vote(3, 2, 9), from: 3) == [.disagreement(bank: 3, vote(3, 2, 9))])
    }

    @Test func `a bank whose key was changed is believed under the key of each height`() throws {
        var certifier = certifier(1)
        let old = try set(3)
        var banks = old.banks
        banks[1] = Bank(
            id: 2, name: "Bank 2", nodeKey: TestAccounts.address(9),
            operator: TestAccounts.address(2), endpoint: "")
        let new = try BankSet(ledger: .zero, banks: banks)
        let last = 2 * UInt64(ForgedVotes.limit)
        for height in 1...last {
            _ = certifier.executed(
                height: height, header: header(height), set: height <= last / 2 ? old : new)
        }
        for height in 1...last {
            let key = height <= last / 2 ? 2 : 9
            #expect(made(by: certifier.received(vote(key, height, height), from: 2)) != nil)
        }
        #expect(certifier.certified == last)
    }

    // MARK: A key elsewhere

    private func withKeyElsewhere(_ id: UInt64) -> Certifier {
        Certifier(
            chainID: chainID, account: TestAccounts.address(Int(id)), key: nil, id: id, head: 0,
            certified: 0)
    }

    private func execute(
        _ heights: ClosedRange<UInt64>, by certifier: inout Certifier, isSampled: Bool = false,
        needed: Set<UInt64> = []
    ) throws {
        for height in heights {
            #expect(
                certifier.executed(
                    height: height, header: header(height), set: try set(3), isSampled: isSampled,
                    isNeeded: needed.contains(height))
                    == [])
        }
    }

    @Test func `a signer elsewhere is asked for the newest first, and each once`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...4, by: &certifier)
        var asked: [UInt64] = []
        while let message = certifier.takeUnsigned() {
            #expect(message.hash == header(message.height))
            asked.append(message.height)
        }
        #expect(asked == [4, 3, 2, 1])
    }

    @Test func `a block whose own certificate peers ask for is signed before the newest`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...6, by: &certifier, needed: [2, 4])
        let first = certifier.takeUnsigned()
        #expect(first?.height == 4)
        // What was not signed comes by its height from then on, lest what is refused holds up all else.
        certifier.takeBack(try #require(first))
        try execute(7...7, by: &certifier)
        var asked: [UInt64] = []
        while let message = certifier.takeUnsigned() { asked.append(message.height) }
        #expect(asked == [2, 7, 6, 5, 4, 3, 1])
    }

    @Test func `what a signer elsewhere signed counts as if the node had signed it`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...1, by: &certifier)
        #expect(certifier.received(vote(2, 1, 1), from: 2) == [])
        #expect(certifier.ownVotes(limit: 9) == [])
        let next = certifier.takeUnsigned()
        let message = try #require(next)
        let own = HeaderVote(
            height: message.height, header: message.hash, signedBy: TestAccounts.key(1), in: domain)
        let actions = certifier.signed(own)
        #expect(actions.first == .send(own))
        #expect(made(by: actions)?.signatures.count == 2)
        #expect(certifier.certified == 1)
        // Late and twice it does no harm.
        let again = certifier.signed(own)
        #expect(again == [.send(own)])
    }

    @Test func `what was not signed is asked for again in its place`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...3, by: &certifier)
        let next = certifier.takeUnsigned()
        let message = try #require(next)
        #expect(message.height == 3)
        try execute(4...4, by: &certifier)
        certifier.takeBack(message)
        #expect(certifier.takeUnsigned()?.height == 4)
        #expect(certifier.takeUnsigned()?.height == 3)
        #expect(certifier.takeUnsigned()?.height == 2)
    }

    @Test(arguments: [false, true])
    func `what the others certified is not asked for, unless the ledger counts who signs`(
        isSampled: Bool
    ) throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...1, by: &certifier, isSampled: isSampled)
        #expect(made(by: certifier.received(signed([2, 3], header: 1))) != nil)
        #expect(certifier.takeUnsigned()?.height == (isSampled ? 1 : nil))
    }

    @Test func `after a divergence nothing at or above it is signed, or sent again`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...3, by: &certifier)
        let next = certifier.takeUnsigned()
        let message = try #require(next)
        #expect(message.height == 3)
        let votes = [2, 3].map { (TestAccounts.address($0), vote($0, 2, 9).signature) }
        let other = Certificate(height: 2, header: header(9), votes: votes)
        guard case .diverged(2, _, _) = certifier.received(other).last else {
            Issue.record("no divergence")
            return
        }
        certifier.takeBack(message)
        #expect(certifier.signed(vote(1, 3, 3)) == [])
        try execute(4...4, by: &certifier)
        #expect(certifier.takeUnsigned()?.height == 1)
        #expect(certifier.takeUnsigned() == nil)
        #expect(certifier.signed(vote(1, 1, 1)) == [.send(vote(1, 1, 1))])
        #expect(certifier.ownVotes(limit: 9) == [vote(1, 1, 1)])
    }

    @Test func `the newest vote is sent again first, then the oldest ones`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...6, by: &certifier)
        #expect(certifier.ownVotes(limit: 3) == [])
        for height: UInt64 in [1, 2, 3, 5] { _ = certifier.signed(vote(1, height, height)) }
        #expect(certifier.ownVotes(limit: 3) == [vote(1, 5, 5), vote(1, 1, 1), vote(1, 2, 2)])
        #expect(certifier.ownVotes(limit: 1) == [vote(1, 5, 5)])
        #expect(certifier.ownVotes(limit: 9).count == 4)
    }

    @Test func `a vote for another header than the executed one is not sent`() throws {
        var certifier = withKeyElsewhere(1)
        try execute(1...1, by: &certifier)
        #expect(certifier.signed(vote(1, 1, 9)) == [])
        #expect(certifier.signed(vote(1, 2, 2)) == [])
    }

    @Test func `at the start signatures are gathered for what was stored without them`() throws {
        var certifier = Certifier(
            chainID: chainID, account: TestAccounts.address(1), key: TestAccounts.key(1), id: 1,
            head: 4, certified: 7)
        let set = try set(3)
        var actions: [Certifier.Action] = []
        for height in UInt64(5)...8 {
            actions += certifier.resumed(
                height: height, header: header(height), set: set, isCertified: height % 2 == 1)
        }
        #expect(actions == [.send(vote(1, 6, 6)), .send(vote(1, 8, 8))])
        #expect(certifier.missing == 6...8)
        #expect(made(by: certifier.received(vote(2, 6, 6), from: 2))?.height == 6)
        #expect(certifier.missing == 8...8)
        #expect(certifier.certified == 7)
        #expect(made(by: certifier.received(vote(3, 8, 8), from: 3))?.height == 8)
        #expect(certifier.missing == nil)
    }

    @Test func `who signed a stored certificate is convicted by another vote after a start`() throws
    {
        var certifier = certifier(1)
        let actions = certifier.resumed(
            height: 1, header: header(5), set: try set(3), isCertified: true,
            certificate: signed([1, 2], header: 5))
        #expect(actions.isEmpty && certifier.missing == nil)
        #expect(certifier.received(vote(2, 1, 6), from: 2).contains(proof(against: 2, 5, 6)))
        // The third did not sign it.
        #expect(
            certifier.received(vote(3, 1, 6), from: 3).allSatisfy { action in
                if case .evidence = action { false } else { true }
            })
    }

    @Test func `nobody votes for another bank, and nobody twice`() throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(5))
        #expect(certifier.received(vote(2, 1, 5), from: 3).isEmpty)
        #expect(certifier.received(vote(9, 1, 5), from: 9).isEmpty)
        for _ in 0..<5 { #expect(made(by: certifier.received(vote(2, 1, 5), from: 2)) == nil) }
        #expect(made(by: certifier.received(vote(3, 1, 5), from: 3)) == nil)
        // Four of five are needed.
        #expect(made(by: certifier.received(vote(4, 1, 5), from: 4)) != nil)
    }

    @Test func `a node that the banks contradict learns that it diverged`() throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(6), set: try set(3))
        let first = certifier.received(vote(2, 1, 5), from: 2)
        #expect(first == [.disagreement(bank: 2, vote(2, 1, 5))])
        let second = certifier.received(vote(3, 1, 5), from: 3)
        guard case .diverged(1, header(6), let theirs) = second.last else {
            Issue.record("no divergence in \(second)")
            return
        }
        try theirs.verify(chainID: chainID, set: try set(3))
        #expect(certifier.certified == 0)
    }

    @Test(arguments: [0, 1, 2])
    func `who signs two headers of one height is convicted`(order: Int) throws {
        var certifier = certifier(1)
        var actions: [Certifier.Action] = []
        let (right, wrong) = (vote(2, 1, 5), vote(2, 1, 8))
        if order == 0 {
            actions += certifier.received(right, from: 2) + certifier.received(wrong, from: 2)
        }
        actions += certifier.executed(height: 1, header: header(5), set: try set(3))
        if order == 1 {
            actions += certifier.received(wrong, from: 2) + certifier.received(right, from: 2)
        } else if order == 2 {
            actions += certifier.received(right, from: 2)
            #expect(certifier.certified == 1)
            actions += certifier.received(wrong, from: 2)
        }
        #expect(actions.contains(.evidence(DoubleVote(right, wrong), bank: 2)))
    }

    @Test(arguments: [false, true])
    func `a bank that signs twice is convicted also where others had certified the block`(
        isWrongFirst: Bool
    ) throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(3))
        #expect(made(by: certifier.received(vote(2, 1, 5), from: 2)) != nil)
        let (right, wrong) = (vote(3, 1, 5), vote(3, 1, 6))
        var actions: [Certifier.Action] = []
        for vote in isWrongFirst ? [wrong, right] : [right, wrong] {
            actions = certifier.received(vote, from: 3)
        }
        #expect(actions.contains(.evidence(DoubleVote(right, wrong), bank: 3)))
    }

    @Test func `a certificate from a peer counts if it is valid`() throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(3))
        #expect(certifier.received(signed([2], header: 5)).isEmpty)
        #expect(certifier.received(signed([2, 7], header: 5)).isEmpty)
        let valid = signed([2, 3], header: 5)
        #expect(certifier.received(valid) == [.certified(valid)])
        #expect(certifier.missing == nil)
    }

    // MARK: Signatures in certificates

    @Test(arguments: [3, 5])
    func `a second certificate of a height convicts who signed both, and stops the node`(
        count: UInt64
    ) throws {
        // Of three banks, two certify block 1; of five they are too few.
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(count))
        _ = certifier.received(vote(2, 1, 5), from: 2)
        #expect(certifier.certified == (count == 3 ? 1 : 0))
        let other = signed(Array(2...Int(count)), header: 6)
        let actions = certifier.received(other)
        #expect(actions.contains(proof(against: 2, 5, 6)))
        #expect(!actions.contains(proof(against: 3, 5, 6)))
        #expect(actions.last == .diverged(height: 1, own: header(5), other))
        // The others' signatures were kept.
        #expect(certifier.received(vote(3, 1, 5), from: 3).contains(proof(against: 3, 5, 6)))
    }

    @Test(arguments: [false, true])
    func `who signed a certificate is convicted by another vote`(cameWithBlock: Bool) throws {
        var certifier = certifier(1)
        let certificate = signed([2, 3], header: 5)
        if cameWithBlock {
            let actions = certifier.executed(
                height: 1, header: header(5), set: try set(3), certificate: certificate)
            #expect(actions == [.certified(certificate)])
        } else {
            _ = certifier.executed(height: 1, header: header(5), set: try set(3))
            #expect(certifier.received(certificate) == [.certified(certificate)])
        }
        #expect(certifier.received(vote(3, 1, 6), from: 3).contains(proof(against: 3, 5, 6)))
    }

    @Test func `votes before a block are looked at although it came with its certificate`() throws {
        var certifier = certifier(1)
        #expect(certifier.received(vote(2, 1, 6), from: 2).isEmpty)
        let actions = certifier.executed(
            height: 1, header: header(5), set: try set(3), certificate: signed([2, 3], header: 5))
        #expect(actions.contains(proof(against: 2, 5, 6)))
    }

    @Test(arguments: [false, true])
    func `a certificate convicts who had signed another header`(isCertified: Bool) throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(3))
        _ = certifier.received(vote(2, 1, 6), from: 2)
        if isCertified { _ = certifier.received(vote(3, 1, 5), from: 3) }
        let certificate = signed([2, 3], header: 5)
        #expect(certifier.received(certificate).contains(proof(against: 2, 5, 6)))
        // It says nothing new any more.
        #expect(certifier.received(certificate).isEmpty)
    }

    @Test func `two headers convict also where neither is this node's`() throws {
        var certifier = certifier(1)
        _ = certifier.executed(height: 1, header: header(5), set: try set(3))
        _ = certifier.received(vote(2, 1, 6), from: 2)
        #expect(certifier.received(vote(2, 1, 7), from: 2).contains(proof(against: 2, 6, 7)))
        // More is not kept.
        #expect(certifier.received(vote(2, 1, 8), from: 2).isEmpty)
    }

    @Test func `votes before a block convict nobody whose key did not make them`() throws {
        var certifier = certifier(1)
        let actions =
            certifier.received(vote(9, 1, 5), from: 2) + certifier.received(vote(9, 1, 6), from: 2)
            + certifier.executed(height: 1, header: header(5), set: try set(3))
        #expect(actions == [.send(vote(1, 1, 5))])
    }

    @Test func `memory stays bounded when no certificate comes`() throws {
        var certifier = certifier(1)
        let set = try set(3)
        for height in 1...(Certifier.heightsKept + 10) {
            _ = certifier.executed(height: height, header: header(height), set: set)
        }
        #expect(certifier.missing == 11...(Certifier.heightsKept + 10))
    }
}

/// Votes for sampled headers on their way into a body.
extension CertifierTests {
    @Test func `votes for a sampled header go into a body once, own and others'`() throws {
        var certifier = certifier(1)
        let set = try set(3)
        _ = certifier.executed(height: 1, header: header(5), set: set, isSampled: true)
        _ = certifier.executed(height: 2, header: header(6), set: set)
        for (bank, height) in [(2, 1), (2, 1), (3, 1), (2, 2)] as [(Int, UInt64)] {
            _ = certifier.received(vote(bank, height, height + 4), from: UInt64(bank))
        }
        let votes = [vote(1, 1, 5), vote(2, 1, 5), vote(3, 1, 5)]
        #expect(certifier.takeVotes() == votes)
        #expect(certifier.takeVotes().isEmpty)
        // The bodies were lost with this node's lead: another one takes them along.
        certifier.takeBackVotes()
        #expect(certifier.takeVotes() == votes)
        certifier.takeBackVotes()
        // Another leader's body had two of them.
        _ = certifier.executed(
            height: 3, header: header(7), set: set, votes: Array(votes.prefix(2)))
        #expect(certifier.takeVotes() == [votes[2]])
        _ = certifier.executed(height: 4, header: header(8), set: set, votes: [votes[2]])
        certifier.takeBackVotes()
        #expect(certifier.takeVotes().isEmpty)
    }

    @Test func `a certificate tells who signed`() throws {
        var certifier = certifier(1)
        let set = try set(5)
        let certificate = Certificate(
            height: 1, header: header(5),
            votes: [2, 3, 4, 5].map { (TestAccounts.address($0), vote($0, 1, 5).signature) })
        _ = certifier.executed(height: 1, header: header(5), set: set, isSampled: true)
        _ = certifier.received(certificate)
        #expect(Set(certifier.takeVotes()) == Set((1...5).map { vote($0, 1, 5) }))
        _ = certifier.executed(
            height: 2, header: header(5), set: set, certificate: certificate, isSampled: true)
        #expect(certifier.takeVotes().map(\.height) == [2], "of another height it says nothing")
    }

    @Test func `a body takes 64 votes, and no more than 2,048 wait`() throws {
        var certifier = certifier(1)
        let set = try set(1)
        for height in 1...2_100 as ClosedRange<UInt64> {
            _ = certifier.executed(
                height: height, header: header(height), set: set, isSampled: true)
        }
        var heights: [UInt64] = []
        while true {
            let votes = certifier.takeVotes()
            if votes.isEmpty { break }
            #expect(votes.count <= Body.votesLimit)
            heights += votes.map(\.height)
        }
        #expect(heights == Array(53...2_100))
    }
}
