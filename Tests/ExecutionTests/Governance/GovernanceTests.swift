import Ledger
import Testing
import Tokens

@testable import Execution

@Suite struct GovernanceTests {
    static let stranger = Address(high: 9, middle: 9, low: 9)

    static let admission = IGovernance.Change.admitBank(
        name: "Fourth", node: Council.node(40), operator: Address(high: 8, middle: 8, low: 4),
        endpoint: "bank-4:4000")

    // MARK: Voting

    @Test func `one bank decides alone, from the next block on`() throws {
        var council = Council(banks: 1)
        let answer = council.run([(0, Council.propose(Self.admission))])
        #expect(answer == [.done(Hash32(word: 1 as UInt128).bytes)])
        #expect(
            council.effects == [
                .proposed(
                    id: 1, by: council.address(0), kind: .admitBank,
                    data: IGovernance.Proposal(Self.admission, from: 0).data),
                .voted(id: 1, bank: council.address(0), yes: true), .decided(id: 1, height: 2),
            ])
        #expect(council.banks.count == 1)
        #expect(try council.outcome(1) == (.decided, 2))
        // There is something to make a block for, without a transaction.
        #expect(council.machine.nextDue == 0)
        council.run([])
        #expect(council.effects == [.enacted(id: 1, height: 2)])
        #expect(council.machine.nextDue == nil)
        #expect(council.banks.count == 2)
        #expect(council.machine.bankSet.banks[1].id == 2)
        #expect(try council.outcome(1) == (.enacted, 2))
        #expect(council.machine.governance.bankChanges == [2])
    }

    @Test func `the set of a block signs it, and signs in what comes after`() throws {
        var council = Council(banks: 1)
        let before = council.machine.bankSetHash
        council.run([(0, Council.propose(Self.admission))])
        council.run([])
        #expect(council.block.header.banks == before)
        let after = council.machine.bankSetHash
        #expect(after != before)
        let change = try #require(try council.block.changes().objects.first { $0.key == [0x21] })
        #expect(change.value.map { SHA256.hash($0) } == after)
        council.run([])
        #expect(council.block.header.banks == after)
    }

    @Test(arguments: [(2, 2), (3, 2), (4, 3), (5, 3), (7, 4), (15, 8)])
    func `more than half of the banks decide`(banks: Int, needed: Int) throws {
        var council = Council(banks: banks)
        council.run([(0, Council.propose(.setParameter(name: "gasPrice", value: 7)))])
        for voter in 1..<needed {
            #expect(try council.outcome(1).0 == .open)
            #expect(council.run([(voter, Council.vote(1))]) == [.done([])])
        }
        #expect(try council.outcome(1).0 == .decided)
        council.run([])
        #expect(council.machine.rules.gasPrice == 7)
        #expect(council.block.header.gasPrice == 7)
    }

    @Test func `a vote may be changed until it is decided`() throws {
        var council = Council(banks: 3)
        let change = IGovernance.Change.setParameter(name: "stepLimit", value: 7)
        council.run([(0, Council.propose(change))])
        council.run([(0, Council.vote(1, false)), (1, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
        council.run([(1, Council.vote(1, false)), (2, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
        var reader = ABIReader(council.ask(.proposal, 1))
        #expect(try reader.read(IGovernance.Kind.self) == .setParameter)
        #expect(Array(try reader.bytes()) == IGovernance.Proposal(change, from: 0).data)
        #expect(try reader.array(of: Address.self) == [council.address(2)])
        #expect(
            try reader.array(of: Address.self) == [council.address(0), council.address(1)])
        council.run([(0, Council.vote(1))])
        #expect(try council.outcome(1).0 == .decided)
        #expect(council.run([(1, Council.vote(1))]) == [.refused("it is decided already")])
    }

    /// A key that a bank gave up may be another bank's: its vote was not that one's.
    @Test func `a proposal names those that voted by their operators of now`() throws {
        var council = Council(banks: 5)
        let (first, second, spare) = (council.address(0), council.address(1), council.address(7))
        let change = IGovernance.Change.setParameter(name: "stepLimit", value: 9)
        council.run([(0, Council.propose(change)), (3, Council.vote(1, false))])
        func voters() throws -> (yes: [Address], no: [Address]) {
            var reader = ABIReader(council.ask(.proposal, 1))
            _ = try reader.read(IGovernance.Kind.self)
            _ = try reader.bytes()
            return (
                try reader.array(of: Address.self), try reader.array(of: Address.self)
            )
        }
        #expect(try voters() == ([first], [council.address(3)]))
        council.pass(.rotateKey(bank: first, which: .operator, key: spare))
        council.run([])
        council.pass(.rotateKey(bank: second, which: .operator, key: first))
        council.run([])
        #expect(council.banks.prefix(2) == [spare, first])
        #expect(try voters() == ([spare], [council.address(3)]))
        // The vote of one that left counts no more.
        council.pass(.removeBank(council.address(3)))
        council.run([])
        #expect(try voters() == ([spare], []))
        #expect(council.machine.governance.content(1)?.yes == [first])
    }

    /// A bank that was removed and admitted again is another one, which has not voted.
    @Test func `an open proposal names no vote of a bank that left, a decided one does`() throws {
        var council = Council(banks: 5)
        let (first, fourth) = (council.address(0), council.address(3))
        let change = IGovernance.Change.setParameter(name: "stepLimit", value: 9)
        council.run([(0, Council.propose(change)), (3, Council.vote(1))])
        func yes(_ id: UInt64) throws -> [Address] {
            var reader = ABIReader(council.ask(.proposal, id))
            _ = try reader.read(IGovernance.Kind.self)
            _ = try reader.bytes()
            return try reader.array(of: Address.self)
        }
        #expect(try yes(1) == [first, fourth])
        council.pass(.removeBank(fourth))
        council.run([])
        council.pass(
            .admitBank(name: "Bank 4", node: Council.node(40), operator: fourth, endpoint: "d:1"))
        council.run([])
        #expect(council.banks.contains(fourth))
        #expect(try yes(1) == [first])
        council.run([(2, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
        council.run([(3, Council.vote(1))])
        #expect(try council.outcome(1).0 == .decided)
        council.run([])
        council.pass(.removeBank(council.address(2)))
        council.run([])
        #expect(try yes(1) == [first, council.address(2), fourth])
    }

    @Test func `the same vote again counts once`() throws {
        var council = Council(banks: 3)
        council.run([(0, Council.propose(Self.admission))])
        council.run([(0, Council.vote(1)), (0, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
    }

    @Test func `only operators of banks propose and vote`() {
        var council = Council(banks: 3)
        council.run([(0, Council.propose(Self.admission))])
        #expect(
            council.run([(3, Council.propose(Self.admission)), (3, Council.vote(1))])
                == [.refused("NotBank"), .refused("NotBank")])
        #expect(council.run([(1, Council.vote(2))]) == [.refused("there is no proposal 2")])
    }

    @Test func `a proposal can be voted on up to its last second`() throws {
        var council = Council(banks: 3)
        let last = council.time / 1000 + 3
        council.run([(0, Council.propose(Self.admission, expiry: last))])
        council.run([(0, Council.propose(.removeBank(council.address(1)), expiry: last))])
        council.run([(1, Council.vote(1))])
        #expect(try council.outcome(1).0 == .decided)
        #expect(
            council.run([(1, Council.vote(2))])
                == [.refused("its time to be voted on has passed")])
        #expect(try council.outcome(2).0 == .expired)
        #expect(
            council.run([(0, Council.propose(Self.admission, expiry: last))])
                == [.refused("expiry: it has passed")])
    }

    @Test func `votes of a bank that left do not count, and a rotated key votes once`() throws {
        var council = Council(banks: 4)
        let change = IGovernance.Change.setParameter(name: "stepLimit", value: 7)
        council.run([(3, Council.propose(change)), (2, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
        #expect(
            council.pass(.removeBank(council.address(3))) == .done(Hash32(word: 2 as UInt128).bytes)
        )
        #expect(
            council.pass(
                .rotateKey(bank: council.address(2), which: .operator, key: council.address(6)))
                == .done(Hash32(word: 3 as UInt128).bytes))
        council.run([])
        #expect(council.banks.count == 3)
        #expect(council.run([(2, Council.vote(1))]) == [.refused("NotBank")])
        // Bank 3 has voted before under its old key; of bank 4's vote nothing is left.
        council.run([(6, Council.vote(1))])
        #expect(try council.outcome(1).0 == .open)
        council.run([(0, Council.vote(1))])
        #expect(try council.outcome(1).0 == .decided)
    }

    // MARK: Heights

    @Test func `a change holds from its stated height on`() throws {
        var council = Council(banks: 1)
        council.run([
            (0, Council.propose(.setParameter(name: "gasPrice", value: 7), from: 5)),
            (0, Council.propose(.setParameter(name: "gasPrice", value: 8), from: 5)),
            (0, Council.propose(.setParameter(name: "gasPrice", value: 9), from: 4)),
        ])
        council.advance(to: 3)
        #expect(council.machine.rules.gasPrice == Council.price)
        #expect(council.machine.nextDue == 0)
        council.run([])
        #expect(council.effects == [.enacted(id: 3, height: 4)])
        #expect(council.block.header.gasPrice == 9)
        council.run([])
        #expect(council.effects == [.enacted(id: 1, height: 5), .enacted(id: 2, height: 5)])
        #expect(council.block.header.gasPrice == 8)
    }

    @Test func `what could be done when it was proposed may fail at its height`() throws {
        var council = Council(banks: 2)
        let leaving = IGovernance.Change.removeBank(council.address(1))
        council.run([(0, Council.propose(leaving)), (0, Council.propose(leaving))])
        council.run([(1, Council.vote(1)), (1, Council.vote(2))])
        council.run([])
        #expect(
            council.effects == [
                .enacted(id: 1, height: 3),
                .failed(
                    id: 2, height: 3,
                    why: "no bank has the operator \(council.address(1))"),
            ])
        #expect(try council.outcome(2) == (.failed, 3))
        // One proposal that fails does not keep the next from being carried out.
        council.run([(0, Council.propose(.setParameter(name: "stepLimit", value: 9)))])
        council.run([])
        #expect(council.machine.rules.stepLimit == 9)
    }

    @Test func `no more proposals wait than a block could carry out`() throws {
        var council = Council(banks: 1)
        let change = IGovernance.Change.setParameter(name: "gasPrice", value: 7)
        let far = Council.propose(change, from: 100)
        for _ in 0..<(Governance.waitingMax / 32) {
            council.run(Array(repeating: (0, far), count: 32))
        }
        #expect(
            council.run([(0, far)])
                == [.refused("256 decided proposals wait for their height already")])
        // A version waits for its notice, also where as soon as possible is wanted.
        #expect(
            council.run([(0, Council.propose(.activateVersion(2)))])
                == [.refused("256 decided proposals wait for their height already")])
        // They keep nothing from being decided meanwhile.
        let answers = council.run(Array(repeating: (0, Council.propose(change)), count: 257))
        #expect(answers.dropLast().allSatisfy { if case .done = $0 { true } else { false } })
        #expect(
            answers.last == .refused("512 decided proposals wait for their height already"))
        council.run([])
        #expect(council.effects.count == 256)
        council.advance(to: 100)
        #expect(council.effects.count == 256)
        #expect(council.effects.dropFirst().allSatisfy { $0.tag == GovernanceEffectTag.enacted })
        #expect(
            council.run([(0, Council.propose(change, from: 101 + Governance.heightAheadMax + 1))])
                == [.refused("height: at most 100000000 blocks from now")])
    }

    // MARK: What each kind does

    @Test func `the banks' keys are replaced one by one`() throws {
        var council = Council(banks: 3)
        council.pass(
            .rotateKey(bank: council.address(1), which: .node, key: Council.node(50)))
        council.run([])
        #expect(council.machine.bankSet.bank(signing: Council.node(50))?.id == 2)
        #expect(council.machine.bankSet.bank(signing: Council.node(1)) == nil)
        let again = council.pass(
            .rotateKey(bank: council.address(1), which: .node, key: Council.node(50)))
        #expect(again == .refused("the bank has this key already"))
    }

    @Test func `the quorum follows the banks, or is what they choose`() throws {
        var council = Council(banks: 3)
        #expect(council.machine.bankSet.quorum == 2)
        council.pass(Self.admission)
        council.run([])
        #expect(council.machine.bankSet.quorum == 3)
        council.pass(.setParameter(name: "certificateQuorum", value: 4))
        council.run([])
        #expect(council.machine.bankSet.quorum == 4)
        #expect(council.machine.governance.parameter("certificateQuorum") == 4)
        for value in [2, 5, 70_000] as [UInt128] {
            guard
                case .refused = council.pass(.setParameter(name: "certificateQuorum", value: value))
            else {
                Issue.record("a quorum of \(value) was taken")
                continue
            }
        }
    }

    @Test(
        arguments: [
            ("gasPrice", 0, true), ("gasPrice", 2_000_000_000, true),
            ("gasPrice", 1_000_000_000_000_001, false), ("gasPrice", 1 << 64, false),
            ("blockGasLimit", 999_999, false), ("blockGasLimit", 1_000_000, true),
            ("blockGasLimit", 4_000_000_000, true), ("blockGasLimit", 4_000_000_001, false),
            ("blockByteLimit", 1 << 20, true), ("blockByteLimit", 64 << 20 + 1, false),
            ("stepLimit", 0, false), ("stepLimit", 10_000_000, true), ("gasprice", 1, false),
            ("publicationFee", 0, true), ("publicationFee", 1_000_000_000 * Rules.oneDIP, true),
            ("publicationFee", 1_000_000_000 * Rules.oneDIP + 1, false), ("reviewFee", 3, true),
            ("reviewFee", .max, false), ("requiredReviews", 0, false), ("requiredReviews", 1, true),
            ("requiredReviews", 15, true), ("requiredReviews", 16, false),
            ("royaltyDeveloper", 9_000, true), ("royaltyDeveloper", 9_001, false),
            ("royaltyReviewers", 3_000, true), ("royaltyReviewers", 3_001, false),
            ("epochBlocks", 15, false), ("epochBlocks", 16, true),
            ("epochBlocks", 1_000_000, true), ("epochBlocks", 1_000_001, false),
            ("nodeShare", 10_000, true), ("nodeShare", 10_001, false), ("nodeShare", 0, true),
            ("redemptionDeadline", 59, false), ("redemptionDeadline", 60, true),
            ("redemptionDeadline", 31_536_000, true), ("redemptionDeadline", 31_536_001, false),
            ("checkpointInterval", 5, false),
        ] as [(String, UInt128, Bool)])
    func `parameters have the ranges that they have in genesis`(
        name: String, value: UInt128, isTaken: Bool
    ) {
        var council = Council(banks: 1)
        let answer = council.pass(.setParameter(name: name, value: value))
        council.run([])
        #expect((council.machine.governance.parameter(name) == value) == isTaken)
        if isTaken {
            #expect(answer == .done(Hash32(word: 1 as UInt128).bytes))
        } else if case .refused(let why) = answer {
            #expect(why.contains(name) || why.contains("no such parameter"))
        } else {
            Issue.record("\(answer)")
        }
    }

    @Test func `the treasury pays what it has`() throws {
        var council = Council(banks: 1, treasury: 1_000)
        let to = Self.stranger
        council.pass(.payTreasury(token: .dip, to: to, amount: 400))
        council.run([])
        #expect(council.machine.tokens.balance(of: to, in: .dip) == 400)
        #expect(council.effects == [.enacted(id: 1, height: 2)])
        let transfers = EffectReader(try council.block.record(0).effects).compactMap {
            try? TokenEffect(tag: $0.tag, payload: $0.payload)
        }
        #expect(transfers == [.transfer(token: .dip, from: .treasury, to: to, amount: 400)])
    }

    @Test func `the treasury cannot pay what it lacks, and nothing stops for it`() throws {
        var council = Council(banks: 1, treasury: 1_000)
        council.run([
            (0, Council.propose(.payTreasury(token: .dip, to: Self.stranger, amount: .max))),
            (0, Council.propose(.payTreasury(token: .dip, to: Self.stranger, amount: 5))),
        ])
        let treasury = council.machine.tokens.balance(of: .treasury, in: .dip)
        council.run([])
        #expect(
            council.effects == [
                .failed(
                    id: 1, height: 2,
                    why: "the treasury has \(treasury) units, \(UInt128.max) are needed"),
                .enacted(id: 2, height: 2),
            ])
        #expect(council.machine.tokens.balance(of: Self.stranger, in: .dip) == 5)
    }

    @Test func `reviewers come and go`() throws {
        var council = Council(banks: 1)
        council.pass(.admitReviewer(Self.stranger))
        council.pass(.admitReviewer(council.address(2)))
        council.run([])
        #expect(
            Set(council.machine.governance.reviewers) == [Self.stranger, council.address(2)])
        #expect(
            council.pass(.admitReviewer(Self.stranger))
                == .refused("\(Self.stranger) is a reviewer already"))
        council.pass(.removeReviewer(Self.stranger))
        council.run([])
        #expect(council.machine.governance.reviewers == [council.address(2)])
        var reader = ABIReader(council.ask(.reviewers))
        #expect(try reader.array(of: Address.self) == [council.address(2)])
        #expect(
            council.pass(.removeReviewer(Self.stranger))
                == .refused("\(Self.stranger) is no reviewer"))
    }

    // MARK: Versions

    @Test func `a version holds no sooner than bodies are cut ahead`() throws {
        var council = Council(banks: 1, versionsKnown: 1...2)
        council.pass(.activateVersion(2), from: 10)
        #expect(try council.outcome(1) == (.decided, 1 + Governance.versionNotice))
        #expect(council.machine.versionActive(at: Governance.versionNotice) == 1)
        #expect(council.machine.versionActive(at: 1 + Governance.versionNotice) == 2)
        #expect(council.machine.governance.parameter("protocolVersion") == 1)
        #expect(
            council.pass(.activateVersion(2))
                == .refused("version 2 or a later one was activated already"))
        #expect(
            council.pass(.activateVersion(3), from: 20)
                == .done(Hash32(word: 2 as UInt128).bytes))
        council.advance(to: Governance.versionNotice + 1)
        #expect(council.effects == [.enacted(id: 1, height: council.height)])
        #expect(council.block.header.version == 2)
        #expect(council.machine.governance.parameter("protocolVersion") == 2)
    }

    @Test func `a program stops before a version that it does not know`() throws {
        var council = Council(banks: 1)
        council.pass(.activateVersion(2), from: 300)
        #expect(
            council.machine.versions.entries.last
                == VersionSchedule.Entry(height: 300, version: 2))
        council.advance(to: 299)
        let body = try Body(
            decoding: Body.encode(
                version: 1, height: 300, parent: council.machine.tip.body,
                timeMillis: council.time, leader: .zero, transactions: []))
        #expect(throws: BodyFault.unknownVersion(2)) { try council.machine.execute(body, []) }
        #expect(council.height == 299)
    }

    @Test func `two versions that would hold in the wrong order are not both decided`() throws {
        var council = Council(banks: 2, versionsKnown: 1...3)
        council.run([
            (0, Council.propose(.activateVersion(2), from: 400)),
            (0, Council.propose(.activateVersion(3), from: 300)),
        ])
        council.run([(1, Council.vote(1))])
        #expect(
            council.run([(1, Council.vote(2))])
                == [.refused("version 2 is to hold from height 400 on")])
        #expect(try council.outcome(2).0 == .open)
    }

    /// Versions hold in their order, and none is taken back: no other could come before one that is far away.
    @Test func `a version is not activated for years ahead, whenever it was proposed`() throws {
        var council = Council(banks: 2)
        let most = Governance.versionAheadMax
        let why = "height: at most 10000000 blocks from now for a version"
        #expect(
            council.run([(0, Council.propose(.activateVersion(2), from: 2 + most))])
                == [.refused(why)])
        council.run([(0, Council.propose(.activateVersion(2), from: 2 + most))])
        #expect(try council.outcome(1).0 == .open)
        // As they were proposed before there were bounds.
        for (change, height, why) in [
            (IGovernance.Change.activateVersion(2), 10 * most, why),
            (.activateVersion(.max), 0, "version: at most 16 above 1, the last one"),
        ] {
            council.machine.governance.set(
                StoredProposal(
                    kind: change.kind, by: council.address(0), expiry: .max,
                    data: IGovernance.Proposal(change, from: height).data), at: 1)
            _ = council.machine.state.endBlock()
            #expect(
                council.run([(0, Council.vote(1)), (1, Council.vote(1))])
                    == [.done([]), .refused(why)])
        }
        #expect(council.machine.versions.entries.isEmpty)
    }

    // MARK: What is refused

    @Test(arguments: [
        (
            IGovernance.Change.admitBank(
                name: "Bank 1", node: Council.node(40), operator: stranger, endpoint: ""),
            "two banks are called Bank 1"
        ),
        (
            .admitBank(
                name: "New", node: Council.node(1), operator: stranger, endpoint: ""),
            "two banks name the key of \(Council.node(1))"
        ),
        (
            .admitBank(name: "New", node: .zero, operator: stranger, endpoint: ""),
            "nobody can have the key of \(Address.zero), named by New"
        ),
        (
            .admitBank(
                name: "New", node: Council.node(40), operator: stranger, endpoint: "nowhere"),
            "the endpoint of New must be host:port, at most 255 bytes"
        ),
        (.removeBank(stranger), "no bank has the operator \(stranger)"),
        (
            .rotateKey(bank: stranger, which: .node, key: Council.node(60)),
            "no bank has the operator \(stranger)"
        ),
        (
            .payTreasury(token: stranger, to: stranger, amount: 1),
            "no token answers at \(stranger)"
        ),
        (.payTreasury(token: .dip, to: stranger, amount: 0), "the payment would move nothing"),
        (
            .payTreasury(token: .dip, to: .orders, amount: 1),
            "\(Address.orders) cannot receive: ERC20InvalidReceiver"
        ),
        (.payTreasury(token: .dip, to: .treasury, amount: 1), "the payment would move nothing"),
        (.admitReviewer(.treasury), "nobody can have the key of \(Address.treasury)"),
        (.activateVersion(1), "version 1 or a later one was activated already"),
        (.activateVersion(18), "version: at most 16 above 1, the last one"),
        (.activateVersion(.max), "version: at most 16 above 1, the last one"),
        (.suspendTemplate(.zero), "there is no template \(Hash32.zero)"),
    ])
    func `a proposal that could not be done is refused by why`(
        change: IGovernance.Change, why: String
    ) {
        var council = Council(banks: 3)
        #expect(council.run([(0, Council.propose(change))]) == [.refused(why)])
        #expect(council.ask(.count) == Hash32.zero.bytes)
    }

    @Test func `the last bank cannot be removed, nor a sixteenth admitted`() {
        var one = Council(banks: 1)
        #expect(
            one.pass(.removeBank(one.address(0)))
                == .refused("a consortium has 1 to 15 banks, not 0"))
        var many = Council(banks: 15)
        #expect(
            many.run([(0, Council.propose(Self.admission))])
                == [.refused("a consortium has 1 to 15 banks, not 16")])
    }

    @Test func `data that is not the kind's is refused`() {
        var council = Council(banks: 1)
        let good = IGovernance.Proposal(Self.admission, from: 0).data
        for data in [
            [], Array(good.dropLast()), good + [0], Array(good.dropFirst(32)),
            [UInt8](repeating: 0xff, count: 160), [UInt8](repeating: 0, count: 4097),
        ] {
            guard case .refused(let why) = council.run([(0, Council.propose(.admitBank, data))])[0]
            else {
                Issue.record("\(data) was taken")
                continue
            }
            #expect(why.hasPrefix("data: "), "\(why)")
        }
        #expect(
            council.run([(0, [1, 2, 3])]) == [
                .refused(Hex.encode(Rejection.unknownSelector(0).revertData.prefix(4)))
            ])
    }

    @Test func `every change is read as it was written`() throws {
        let changes: [IGovernance.Change] = [
            Self.admission, .removeBank(Self.stranger),
            .rotateKey(bank: Self.stranger, which: .operator, key: .contract(1)),
            .setParameter(name: "gasPrice", value: .max), .admitReviewer(Self.stranger),
            .removeReviewer(Self.stranger),
            .payTreasury(token: .dip, to: Self.stranger, amount: .max), .activateVersion(7),
            .suspendTemplate(.allOnes),
        ]
        #expect(changes.map(\.kind) == IGovernance.Kind.allCases)
        for change in changes {
            let proposal = IGovernance.Proposal(change, from: 77)
            #expect(
                try IGovernance.Proposal(change.kind, decoding: proposal.data[...]) == proposal)
        }
    }

    /// SHA-256 of what eth_abi, an implementation of another origin, encodes.
    @Test(arguments: [
        (
            IGovernance.Change.admitBank(
                name: "Fourth", node: .contract(1), operator: .contract(2),
                endpoint: "bank-4:4000"),
            "24c5d015b65c76a294ecb8d00a969271ccbef69b5ec31591dc360b8dc3eb644a"
        ),
        (
            .rotateKey(bank: .contract(1), which: .operator, key: .contract(2)),
            "d261c7f1d2db83bbe7495fe8bc23ab964f1358084a3cb800e4d5cf8bbc39605d"
        ),
        (
            .setParameter(name: "gasPrice", value: 7),
            "a94e4020f07a6ad79732884f4ef0b4679e38f871f4aedf03e055a4d5153a228d"
        ),
        (
            .payTreasury(token: .dip, to: .contract(2), amount: 7),
            "0d78852498f46cac5b9fbcb24e42ff598e54ef8dc299ad473ece7c40b541da73"
        ),
        (.activateVersion(2), "f0e277c226794851a938a402da8607fede47ee6bbf0c5137c635450d544daec4"),
        (
            .removeBank(.contract(1)),
            "c348f4d2ecd7d5923e7e2a6570e639a0fa20e9f796b88c0c067230752b6636a7"
        ),
    ])
    func `data is what other encoders make`(change: IGovernance.Change, digest: String) {
        #expect(
            SHA256.hash(IGovernance.Proposal(change, from: 9).data) == Hash32(hex: digest))
    }

    // MARK: Logs

    @Test func `effects have the logs of the interface`() throws {
        let effects: [(GovernanceEffect, Int)] = [
            (.proposed(id: 1, by: Self.stranger, kind: .removeBank, data: [1, 2, 3]), 3),
            (.voted(id: 1, bank: Self.stranger, yes: true), 3), (.decided(id: 1, height: 4), 2),
            (.enacted(id: 1, height: 4), 2), (.failed(id: 1, height: 4, why: "it was so"), 2),
        ]
        let state = State(source: EmptySource())
        for (effect, topics) in effects {
            state.effects.removeAll()
            state.record(effect.tag) { effect.write(to: &$0) }
            let (tag, payload) = try #require(
                EffectReader(state.effects.bytes[...]).first { _ in true })
            #expect(try GovernanceEffect(tag: tag, payload: payload) == effect)
            let logs = try Governance.logs(tag: tag, payload: payload)
            #expect(logs.count == 1)
            #expect(logs[0].address == .treasury)
            #expect(logs[0].topics.count == topics)
            #expect(logs[0].topics[1] == Hash32(word: 1 as UInt128))
        }
        var reader = ABIReader(effects[0].0.logs[0].data)
        #expect(try reader.read(IGovernance.Kind.self) == .removeBank)
        #expect(Array(try reader.bytes()) == [1, 2, 3])
        for tag in GovernanceEffectTag.all {
            #expect(throws: DecodingFault.self) { try Governance.logs(tag: tag, payload: []) }
        }
    }
}
