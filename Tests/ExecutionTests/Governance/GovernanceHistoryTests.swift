import Ledger
import TestSupport
import Testing
import Tokens

@testable import Execution

/// Long random histories of proposals and votes, most of them nonsense, against a model of who decides.
struct GovernanceHistoryTests {
    /// What a proposal has come to, worked out in the plainest way.
    private struct Modelled {
        var votes: [UInt64: Bool] = [:]
        var isDecided = false
        let expiry: UInt64
    }

    private struct History {
        var council: Council
        var random: SeededNumbers
        var model: [UInt64: Modelled] = [:]
        var decided = 0
        var failed = 0
        let payees = (0..<3).map { Address(high: 5, middle: 5, low: UInt32($0)) }

        mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

        mutating func someAccount() -> Address {
            switch pick(0..<6) {
            case 0: [.zero, .treasury, .orders].randomElement(using: &random)!
            case 1: Council.node(pick(0..<12))
            default: council.address(pick(0..<9))
            }
        }

        mutating func someChange() -> IGovernance.Change {
            switch pick(0..<12) {
            case 0...2:
                .admitBank(
                    name: "Bank \(pick(0..<30))", node: Council.node(pick(0..<30)),
                    operator: someAccount(),
                    endpoint: ["", "h:1", "nowhere"].randomElement(using: &random)!)
            case 3, 4: .removeBank(someAccount())
            case 5:
                .rotateKey(
                    bank: someAccount(),
                    which: IGovernance.BankKey.allCases.randomElement(using: &random)!,
                    key: someAccount())
            case 6, 7:
                .setParameter(
                    name: [
                        "gasPrice", "blockGasLimit", "blockByteLimit", "stepLimit",
                        "royaltyDeveloper", "royaltyReviewers", "requiredReviews",
                        "certificateQuorum", "nothing",
                    ].randomElement(using: &random)!,
                    value: [0, 1, 2, 3, 5, 8, 2_000_000, .max].randomElement(using: &random)!)
            case 8: .admitReviewer(someAccount())
            case 9: .removeReviewer(someAccount())
            case 10:
                .payTreasury(
                    token: .dip, to: payees.randomElement(using: &random)!,
                    amount: [0, 1, 700, .max].randomElement(using: &random)!)
            default: .activateVersion(UInt16(pick(0..<4)))
            }
        }

        /// One call of somebody, with what the model makes of it.
        mutating func step() throws {
            let round = council.height
            // A bank more often than not, so that something comes about.
            let operators = council.banks.compactMap { bank in
                council.keys.firstIndex { $0.address == bank }
            }
            let key =
                operators.isEmpty || pick(0..<8) == 0
                ? pick(0..<council.keys.count) : operators.randomElement(using: &random)!
            let now = (council.time + 1000) / 1000
            let bank = council.machine.bankSet.bank(operatedBy: council.address(key))
            if pick(0..<3) == 0 || model.isEmpty {
                let expiry = now + UInt64(pick(0..<60))
                let change = someChange()
                var bytes = IGovernance.Proposal(
                    change, from: council.height + UInt64(pick(0..<6))
                ).data
                if pick(0..<6) == 0 { bytes[pick(0..<bytes.count)] ^= 1 << UInt8(pick(0..<8)) }
                let answer = council.run([
                    (key, Council.propose(change.kind, bytes, expiry: expiry))
                ])[0]
                guard case .done(let output) = answer else { return try refused() }
                let id = output.suffix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
                #expect(id == UInt64(model.count) + 1)
                model[id] = Modelled(expiry: expiry)
                try voted(id, try #require(bank), true)
            } else {
                // A late one more often than not: the others are decided or expired.
                let first = pick(0..<4) == 0 ? 1 : max(1, model.count - 3)
                let id = UInt64(pick(first..<(model.count + 2)))
                let yes = pick(0..<4) != 0
                let answer = council.run([(key, Council.vote(id, yes))])[0]
                let mayVote =
                    bank != nil && model[id].map { !$0.isDecided && $0.expiry >= now } ?? false
                guard case .done = answer else {
                    if mayVote, case .refused(let why) = answer {
                        // The one thing that the model does not know of.
                        #expect(why.contains("version"), "round \(round): \(why)")
                    }
                    return try refused()
                }
                #expect(mayVote, "round \(round)")
                try voted(id, try #require(bank), yes)
            }
        }

        mutating func voted(_ id: UInt64, _ bank: Bank, _ yes: Bool) throws {
            model[id]?.votes[bank.id] = yes
            let ids = council.machine.bankSet.banks.map(\.id)
            let count = ids.count { model[id]?.votes[$0] == true }
            let isDecided = count > ids.count / 2
            model[id]?.isDecided = isDecided
            if isDecided { decided += 1 }
            #expect(try council.outcome(id).0 == (isDecided ? .decided : .open))
        }

        /// A refused call has cost its fee and changed nothing else.
        func refused() throws {
            let changes = try council.block.changes()
            let sample = EconomyKey.sample(council.height - 1)
            #expect(
                changes.objects.map(\.key).filter { $0 != sample }
                    == [EconomyKey.total(.transactionFee)])
            #expect(changes.cells.allSatisfy { $0.key.space == 0 })
            #expect(council.effects.isEmpty)
        }

        /// What must hold after every block.
        mutating func check() throws {
            let machine = council.machine
            let set = machine.bankSet
            #expect(try BankSet(decoding: set.bytes) == set)
            #expect(machine.bankSetHash == set.hash)
            let stored = Governance(
                state: machine.state, tokens: machine.tokens, economy: machine.economy,
                genesis: machine.genesis)
            #expect(stored.bankSet == set)
            #expect(stored.rules == machine.rules)
            #expect(Rules.gasPriceRange.contains(machine.rules.gasPrice))
            #expect(Rules.stepLimitRange.contains(UInt128(machine.rules.stepLimit)))
            #expect(
                machine.rules.royaltyDeveloper + machine.rules.royaltyReviewers <= Rules.whole)
            #expect(machine.governance.waiting.allSatisfy { $0.height > council.height })
            #expect(machine.governance.waiting == machine.governance.waiting.sorted())
            let accounts = council.keys.map(\.address) + payees + [.treasury]
            let sum = accounts.reduce(UInt128(0)) { $0 + machine.tokens.balance(of: $1, in: .dip) }
            #expect(sum == machine.tokens.supply(of: .dip))
            failed += council.effects.count { $0.tag == GovernanceEffectTag.failed }
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 20_240_229, 0xd1b, 88_001])
    func `whatever banks and strangers do, the rules hold`(seed: UInt64) throws {
        var random = SeededNumbers(seed: seed)
        let banks = Int.random(in: 1...6, using: &random)
        var history = History(
            council: Council(banks: banks, treasury: 10_000, versionsKnown: 1...4), random: random)
        var changes: [UInt64] = []
        for _ in 0..<500 {
            // What was decided is carried out in blocks of its own, so that a refused call is alone.
            while history.council.machine.nextDue == 0 {
                let before = history.council.machine.bankSetHash
                history.council.run([])
                if history.council.machine.bankSetHash != before {
                    changes.append(history.council.height)
                }
                try history.check()
            }
            try history.step()
            try history.check()
        }
        #expect(history.decided > 5, "seed \(seed)")
        #expect(Set(changes).isSubset(of: history.council.machine.governance.bankChanges))
    }

    @Test func `some of the histories meet everything`() throws {
        var failed = 0
        var changes = 0
        for seed in 100..<106 as Range<UInt64> {
            var history = History(
                council: Council(banks: 2, treasury: 10, versionsKnown: 1...4),
                random: SeededNumbers(seed: seed))
            for _ in 0..<300 {
                while history.council.machine.nextDue == 0 {
                    history.council.run([])
                    try history.check()
                }
                try history.step()
            }
            failed += history.failed
            changes += history.council.machine.governance.bankChanges.count
        }
        #expect(failed > 3)
        #expect(changes > 10)
    }
}
