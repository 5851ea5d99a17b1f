import Ledger
import TestSupport
import Testing
import Tokens

@testable import Execution

@Suite struct EpochTests {
    /// The fee of a payment, in DIP units.
    static let fee: UInt128 = 21_000 * 1_000_000_000

    @Test func `an epoch's fees are shared one epoch later by who signed`() throws {
        var treasury = Treasury(banks: 3)
        // Blocks 1 to 16 are epoch 0: three payments.
        for _ in 0..<3 { treasury.run([treasury.payment()]) }
        // Bank 1 signed three blocks, bank 2 one of them, bank 3 none.
        treasury.run(votes: [
            treasury.vote(0, 1), treasury.vote(0, 2), treasury.vote(0, 3), treasury.vote(1, 2),
        ])
        treasury.advance(to: 16)
        #expect(treasury.economy.epoch.number == 0)
        // Payments of epoch 1 are another epoch's.
        treasury.run([treasury.payment()])
        #expect(treasury.economy.epoch.number == 1)
        #expect(treasury.economy.previous?.fees == 3 * Self.fee)
        treasury.advance(to: 32)
        let before = treasury.balance(.treasury)
        let operators = treasury.operators.map(\.address)
        #expect(operators.allSatisfy { treasury.balance($0) == Treasury.wealth })
        treasury.run()
        #expect(treasury.economy.epoch.number == 2)
        let pool = 3 * Self.fee / 2
        #expect(treasury.balance(operators[0]) == Treasury.wealth + pool * 3 / 4)
        #expect(treasury.balance(operators[1]) == Treasury.wealth + pool / 4)
        #expect(treasury.balance(operators[2]) == Treasury.wealth)
        let paid = pool * 3 / 4 + pool / 4
        #expect(treasury.balance(.treasury) == before - paid)
        #expect(
            treasury.effects == [.epochPaid(epoch: 0, fees: 3 * Self.fee, paid: paid)])
        #expect(treasury.economy.total(.epochPayment) == paid)
        #expect(treasury.economy.lastPaid?.parts.map(\.signed) == [3, 1])
        // What was sampled of that epoch is needed no more.
        #expect((0...16).allSatisfy { treasury.economy.sample($0) == nil })
        #expect((17...32).allSatisfy { treasury.economy.sample($0) != nil })
        // Each payment is a Transfer of the treasury's.
        let record = try treasury.block.record(0)
        let logs = try EffectReader(record.effects).flatMap { tag, payload in
            TokenEffectTag.all.contains(tag)
                ? try TokenLedger.logs(tag: tag, payload: payload) : []
        }
        #expect(logs.count == 2)
        #expect(logs.allSatisfy { $0.address == .dip && $0.topics[1] == Hash32(word: .treasury) })
    }

    @Test func `votes for the epoch before count until its fees are shared`() {
        var treasury = Treasury(banks: 2)
        treasury.run([treasury.payment()])
        treasury.advance(to: 31)
        treasury.run(votes: [treasury.vote(1, 16)])
        // The running block is the first of epoch 2: too late for epoch 0.
        treasury.run(votes: [treasury.vote(0, 15), treasury.vote(0, 32)])
        #expect(treasury.economy.lastPaid?.parts.map(\.bank) == [2])
        #expect(treasury.balance(treasury.operators[1].address) == Treasury.wealth + Self.fee / 2)
        let epoch = treasury.economy.previous?.epoch
        #expect(epoch.map { treasury.economy.signed(in: $0).banks.map(\.id) } == [1])
    }

    @Test func `a ledger of one bank pays its bank`() {
        var treasury = Treasury(banks: 1)
        for _ in 0..<33 {
            let own = treasury.height > 0 ? [treasury.vote(0, treasury.height)] : []
            treasury.run([treasury.payment()], votes: own)
        }
        #expect(
            treasury.balance(treasury.operators[0].address) == Treasury.wealth + 8 * Self.fee)
    }

    @Test func `what is wrong with a vote is passed over`() throws {
        var treasury = Treasury(banks: 2)
        treasury.run([treasury.payment()])
        let stranger = HeaderVote(
            height: 1, header: treasury.headers[1], signedBy: treasury.clients[0],
            in: .headers(chainID: Genesis.developmentChainID))
        let otherLedger = HeaderVote(
            height: 1, header: treasury.headers[1], signedBy: treasury.nodes[0],
            in: .headers(chainID: 1))
        let right = treasury.vote(0, 1)
        let votes = [
            stranger, otherLedger, treasury.vote(1, 1, header: Keccak256.hash("another")),
            treasury.vote(0, 0), treasury.vote(1, 2, header: treasury.headers[1]),
            treasury.vote(0, 40, header: .zero), treasury.vote(0, .max, header: .zero),
            HeaderVote(
                height: 1, header: treasury.headers[1],
                signature: try #require(Signature([UInt8](repeating: 0, count: 64) + [27]))),
            right, right, treasury.vote(0, 1),
        ]
        treasury.run(votes: votes)
        #expect(treasury.economy.signed(in: treasury.economy.epoch).heights == 1)
        let signed = treasury.economy.signed(in: treasury.economy.epoch).banks
        #expect(signed.map(\.id) == [1] && signed.map(\.count) == [1])
    }

    @Test func `a body whose votes are no votes is executed all the same`() throws {
        var treasury = Treasury(banks: 1)
        treasury.run()
        var bytes = Body.encode(
            version: 1, height: 2, parent: treasury.machine.tip.body, timeMillis: 9_000_000,
            leader: .zero, transactions: [], votes: [treasury.vote(0, 1)])
        bytes[bytes.count - 1] = 26
        let body = try Body(decoding: bytes)
        #expect(body.votes.isEmpty)
        _ = try treasury.machine.execute(body, [])
        #expect(treasury.economy.signed(in: treasury.economy.epoch).banks.isEmpty)
    }

    @Test func `the part of a bank that left stays where it is`() {
        var treasury = Treasury(banks: 3)
        treasury.run([treasury.payment()])
        treasury.run(votes: [treasury.vote(0, 1), treasury.vote(2, 1)])
        treasury.decide(.removeBank(treasury.operators[2].address))
        treasury.run()
        #expect(treasury.machine.bankSet.banks.count == 2)
        treasury.advance(to: 33)
        let parts = treasury.economy.lastPaid?.parts ?? []
        #expect(parts.map(\.signed) == [1, 1])
        #expect(parts.last?.account == .zero && parts.last?.amount == 0)
        #expect(parts.first?.account == treasury.operators[0].address)
        let pool = (treasury.economy.lastPaid?.fees ?? 0) / 2
        #expect(treasury.economy.total(.epochPayment) == pool / 2)
    }

    /// Its key can sign any header that there ever was; it would have a part of two epochs' fees for one block.
    @Test func `a bank that joins has no part in blocks of before`() {
        var treasury = Treasury(banks: 2)
        treasury.run([treasury.payment()])
        treasury.decide(
            .admitBank(
                name: "Newcomer", node: treasury.nodes[2].address,
                operator: treasury.operators[2].address, endpoint: "newcomer:4000"))
        treasury.run()
        let joined = treasury.height
        #expect(treasury.machine.bankSet.banks.count == 3)
        treasury.run()
        let own = (1...treasury.height).map { treasury.vote(2, $0) }
        treasury.run(votes: own + [treasury.vote(0, 1)])
        let signed = treasury.economy.signed(in: treasury.economy.epoch).banks
        #expect(signed.map(\.id) == [1, 3])
        #expect(signed.map(\.count) == [1, UInt32(treasury.height - joined)])
        // The fees of before go to who was there.
        treasury.advance(to: 33)
        #expect(treasury.economy.lastPaid?.parts.map(\.signed) == [1, 2])
    }

    @Test func `the treasury pays what it has`() {
        var treasury = Treasury(banks: 1)
        treasury.run([treasury.payment()])
        treasury.run(votes: [treasury.vote(0, 1)])
        let has = treasury.balance(.treasury)
        treasury.decide(
            .payTreasury(token: .dip, to: treasury.clients[3].address, amount: has - 7))
        treasury.run()
        // What the proposal's own fee brought in.
        let left = treasury.balance(.treasury)
        #expect(left < treasury.economy.epochFees)
        let total = treasury.economy.total(.treasuryPayment)
        treasury.advance(to: 33)
        #expect(total == has - 7)
        #expect(treasury.economy.total(.epochPayment) <= left)
        #expect(treasury.balance(.treasury) == left - treasury.economy.total(.epochPayment))
    }

    @Test func `nothing is paid where nobody signed, or nodes have no part`() {
        var treasury = Treasury(banks: 1)
        treasury.run([treasury.payment()])
        treasury.advance(to: 33)
        #expect(treasury.balance(.treasury) == Self.fee)
        #expect(treasury.effects == [.epochPaid(epoch: 0, fees: Self.fee, paid: 0)])
        var mean = Treasury(banks: 1, rules: Rules(epochBlocks: 16, nodeShare: 0))
        mean.run([mean.payment()])
        mean.run(votes: [mean.vote(0, 1)])
        mean.advance(to: 33)
        #expect(mean.balance(.treasury) == Self.fee)
    }

    @Test func `a decision on the length of epochs holds from the next one on`() {
        var treasury = Treasury(banks: 1)
        treasury.decide(.setParameter(name: "epochBlocks", value: 20))
        treasury.advance(to: 16)
        #expect(treasury.economy.epoch.blocks == 16)
        treasury.run()
        #expect(
            treasury.economy.epoch
                == Epoch(
                    number: 1, first: 17, blocks: 20,
                    feesBefore: treasury.economy.total(.transactionFee)))
        treasury.advance(to: 37)
        #expect(treasury.economy.epoch.first == 37)
    }

    @Test(
        arguments: [
            (16, 1), (127, 1), (128, 1), (256, 2), (10_000, 64), (16_384, 128), (1_000_000, 4_096),
        ] as [(UInt32, UInt64)])
    func `few heights are sampled, and all of a short epoch`(blocks: UInt32, stride: UInt64) {
        let epoch = Epoch(number: 3, first: 77, blocks: blocks, feesBefore: 0)
        #expect(epoch.stride == stride)
        let heights = Array(epoch.sampledHeights)
        #expect(heights == (epoch.first...epoch.last).filter { $0 % stride == 0 })
        #expect(heights.allSatisfy { epoch.samples($0) })
        #expect(!epoch.samples(76) && !epoch.samples(77 + UInt64(blocks)))
        #expect(heights.count < 257 && heights.count >= min(Int(blocks), 120))
    }

    @Test func `a sum is split exactly, however large it is`() {
        var random = SeededNumbers(seed: 7)
        for _ in 0..<2_000 {
            let sum =
                UInt128.random(in: 0...(.max), using: &random)
                >> UInt128.random(in: 0...127, using: &random)
            let counts = (0..<Int.random(in: 0...15, using: &random)).map { _ in
                UInt32.random(in: 0...256, using: &random)
            }
            let parts = EpochAccount.split(sum, by: counts)
            let all = counts.reduce(0) { $0 + UInt128($1) }
            #expect(parts.reduce(0) { $0 + $1 } <= sum)
            for (part, count) in zip(parts, counts) where all > 0 {
                // part = ⌊sum × count ÷ all⌋, in numbers of 256 bits.
                let wanted = sum.multipliedFullWidth(by: UInt128(count))
                #expect(all.dividingFullWidth(wanted).quotient == part)
            }
        }
    }

    @Test func `epochs and samples are read as they were written`() throws {
        var epochs = Epochs(blocks: 9)
        #expect(try Epochs(decoding: epochs.bytes) == epochs)
        epochs.previous = EndedEpoch(epoch: epochs.current, fees: 5)
        epochs.current = Epoch(number: 1, first: 10, blocks: 12, feesBefore: 5)
        #expect(try Epochs(decoding: epochs.bytes) == epochs)
        #expect(
            Hex.encode(epochs.bytes)
                == "0000000000000001000000000000000a0000000c00000000000000000000000000000005"
                + "000000000000000100000009" + "00000000000000000000000000000005")
        var sample = Sample(header: Keccak256.hash("header"), nextID: 6)
        #expect(sample.count(5) && sample.count(2) && !sample.count(5) && !sample.count(6))
        #expect(sample.banks == [2, 5])
        #expect(try Sample(decoding: sample.bytes) == sample)
        let account = EpochAccount(
            epoch: 4, fees: 9,
            parts: [.init(bank: 2, account: .treasury, signed: 3, amount: 4)])
        #expect(try EpochAccount(decoding: account.bytes) == account)
        for cut in 1..<epochs.bytes.count where cut != 36 {
            #expect(throws: DecodingFault.self) {
                try Epochs(decoding: Array(epochs.bytes.prefix(cut)))
            }
        }
    }
}
