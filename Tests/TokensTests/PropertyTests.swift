import Ledger
import TestSupport
import Testing

@testable import Tokens

/// Random histories of calls; a failure prints its seed.
struct PropertyTests {
    static let seeds = Array<UInt64>(1...8)
    static let tokens = ["EUR", "USD", "PLAIN", "dip"]

    /// A ledger with three tokens of different controls, spread over the accounts.
    private static func desk(_ chance: inout SeededNumbers) -> Desk {
        let desk = Desk()
        for line in [
            "issuer create EUR supply=100000 cap=150000 controls=63",
            "issuer create USD supply=100000 controls=31", "issuer create PLAIN supply=100000",
            "endow issuer 100000",
        ] { _ = desk.play(line) }
        for who in ["alice", "bob", "carol", "bank"] {
            _ = desk.play("issuer allow EUR \(who) yes")
            for token in tokens { _ = desk.play("issuer transfer \(token) \(who) 10000") }
            _ = desk.play("issuer approve USD \(who) max")
            _ = desk.play("\(who) approve EUR bob 5000")
        }
        for token in tokens { _ = desk.play("fund issuer \(token) 20000") }
        desk.endBlock()
        return desk
    }

    /// One random command, in the words of scenarios.
    private static func command(_ chance: inout SeededNumbers) -> String {
        let token = chance.pick(tokens)
        let who = chance.pick(Desk.people)
        let other = chance.pick(Desk.people + ["treasury", "orders", "zero"])
        let amount = chance.pick([0, 1, 7, chance.below(3000), chance.below(30000)])
        let flag = chance.pick(["yes", "no"])
        // Mostly by whom it is for, so that it happens.
        let officer = chance.below(5) == 0 ? who : "issuer"
        return switch chance.below(22) {
        case 0, 1, 2: "\(who) transfer \(token) \(other) \(amount)"
        case 3, 4:
            "\(who) transferBatch \(token) \(other),\(chance.pick(Desk.people)),\(who) "
                + "\(amount),\(chance.below(100)),\(chance.below(100))"
        case 5: "\(who) approve \(token) \(other) \(chance.pick(["0", "500", "max", "2^128"]))"
        case 6, 7: "\(who) transferFrom \(token) \(chance.pick(Desk.people)) \(other) \(amount)"
        case 8: "\(officer) mint \(token) \(other) \(amount)"
        case 9: "\(who) burn \(token) \(amount)"
        case 10: "\(who) burnFrom \(token) \(chance.pick(Desk.people)) \(amount)"
        case 11: "\(officer) \(chance.pick(["pause", "unpause", "unpause"])) \(token)"
        case 12: "\(officer) freeze \(token) \(other) \(flag)"
        case 13: "\(officer) allow \(token) \(other) \(flag)"
        case 14: "\(officer) clawback \(token) \(other) bank \(amount) 1"
        case 15: "\(who) releaseHeld \(token) \(other)"
        case 16: "fund \(who) \(token) \(amount)"
        case 17, 18: "pay \(chance.pick(Desk.people)) \(token) \(min(amount, 20))"
        case 19: "fee \(who) \(amount) \(amount / 2)"
        case 20: "bank grantFees dip \(other) \(amount) 100"
        default:
            chance.below(4) == 0
                ? "\(officer) grantRole \(token) \(chance.pick(TokenRole.allCases).rawValue) \(who)"
                : "\(who) setFeePayer dip \(chance.pick(["bank", "zero"]))"
        }
    }

    @Test(arguments: seeds)
    func `supply is the sum of all balances, and contracts hold what they held back`(
        _ seed: UInt64
    ) {
        var chance = SeededNumbers(seed: seed)
        let desk = Self.desk(&chance)
        var happened = 0
        for step in 0..<400 {
            let line = Self.command(&chance)
            let results = desk.play(line)
            desk.endBlock()
            #expect(
                !results.contains("but something changed"), "seed \(seed) step \(step): \(line)")
            #expect(results != ["bad command"], "\(line)")
            if let first = results.first, !first.hasPrefix("refused") { happened += 1 }
            var sums = MoneySums()
            for (key, cell) in desk.store.cells { sums.add(key, cell.amount) }
            #expect(sums.faults(desk.tokens) == [], "seed \(seed) step \(step): \(line)")
        }
        // A history in which nothing happens would prove nothing.
        #expect(happened > 120, "seed \(seed): \(happened) of 400")
    }

    @Test(arguments: seeds)
    func `a ledger opened anew on what is stored answers the same`(_ seed: UInt64) throws {
        var chance = SeededNumbers(seed: seed)
        let desk = Self.desk(&chance)
        for _ in 0..<200 { _ = desk.play(Self.command(&chance)) }
        desk.endBlock()
        let again = TokenLedger(state: State(source: desk.store, height: 1000))
        #expect(again.count == desk.tokens.count)
        for name in Self.tokens {
            let token = try #require(desk.token(name))
            #expect(again.find(desk.tokens.address(of: token)) == token)
            #expect(again.info(token) == desk.tokens.info(token))
            for person in Desk.people.map(Desk.person) {
                #expect(
                    again.balance(of: person, in: token)
                        == desk.tokens.balance(of: person, in: token))
                #expect(again.held(person, in: token) == desk.tokens.held(person, in: token))
                #expect(
                    again.isFrozen(person, in: token) == desk.tokens.isFrozen(person, in: token))
            }
        }
    }

    @Test(arguments: seeds)
    func `what is rolled back never was`(_ seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        let desk = Self.desk(&chance)
        for _ in 0..<50 {
            let mark = desk.state.mark()
            let before = Self.answers(desk)
            // One block, so that marks stay valid: calls here, not the commands that end blocks.
            for _ in 0..<chance.below(12) {
                _ = try? Self.act(desk, Self.command(&chance))
            }
            if chance.below(4) == 0 {
                _ = try? desk.tokens.create(
                    NewToken(name: "New", symbol: "NEW", decimals: 0, initialSupply: 5),
                    by: Desk.person("alice"))
            }
            if chance.below(2) == 0 {
                desk.state.rollback(to: mark)
                #expect(Self.answers(desk) == before, "seed \(seed)")
            }
            desk.state.effects.removeAll()
        }
    }

    /// A command of the form WHO FUNCTION TOKEN ARGUMENTS…, without ending the block.
    private static func act(_ desk: Desk, _ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        guard Desk.people.contains(words[0]), let function = Function.named(words[1]),
            let contract = desk.address(words[2]),
            let data = desk.encode(function, Array(words.dropFirst(3)))
        else { return }
        _ = try desk.call(words[0], contract, data)
    }

    /// Everything that can be asked of the ledger, in one array.
    private static func answers(_ desk: Desk) -> [String] {
        var answers = ["\(desk.tokens.count)"]
        for index in 0...desk.tokens.count {
            let token = TokenID(rawValue: index)
            answers.append("\(desk.tokens.info(token))")
            for name in Desk.people + ["treasury", "orders"] {
                guard let account = desk.address(name) else { continue }
                answers.append("\(desk.state.cell(token.balanceKey(account)))")
                answers.append("\(desk.tokens.held(account, in: token))")
                for spender in Desk.people.map(Desk.person) {
                    answers.append(
                        desk.tokens.allowance(owner: account, spender: spender, in: token).hex)
                }
            }
        }
        return answers
    }

    @Test(arguments: seeds)
    func `a batch does what its payments would do one by one`(_ seed: UInt64) throws {
        var chance = SeededNumbers(seed: seed)
        let batched = TokenLedger(state: State(source: EmptySource()))
        let single = TokenLedger(state: State(source: EmptySource()))
        let people = Desk.people.map(Desk.person)
        for tokens in [batched, single] {
            let new = NewToken(name: "E", symbol: "E", decimals: 0, initialSupply: 1_000_000)
            let token = try tokens.create(new, by: people[0])
            for person in people.dropFirst() {
                try tokens.transfer(100_000, of: token, from: people[0], to: person)
            }
            tokens.state.effects.removeAll()
        }
        let token = TokenID(rawValue: 1)
        for _ in 0..<100 {
            let from = chance.pick(people)
            let payouts = (0..<chance.below(20)).map { _ in
                Payout(to: chance.pick(people), amount: UInt128(chance.below(500)))
            }
            try batched.transferBatch(payouts, of: token, from: from)
            for payout in payouts {
                try single.transfer(payout.amount, of: token, from: from, to: payout.to)
            }
            for person in people {
                #expect(
                    batched.balance(of: person, in: token) == single.balance(of: person, in: token))
            }
            #expect(try Self.takeLogs(batched) == Self.takeLogs(single), "seed \(seed)")
        }
    }

    private static func takeLogs(_ tokens: TokenLedger) throws -> [Log] {
        var logs: [Log] = []
        var reader = ByteReader(tokens.state.effects.bytes)
        while reader.remaining > 0 {
            logs += try TokenLedger.logs(tag: try reader.read(), payload: try reader.readCounted())
        }
        tokens.state.effects.removeAll()
        return logs
    }
}
