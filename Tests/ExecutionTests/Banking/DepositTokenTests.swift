import Ledger
import Testing
import Tokens

@testable import Execution

/// What a deposit token must be, and what a bank says of the money behind it.
@Suite struct DepositTokenTests {
    private typealias Step = Till.Step

    @Test func `a bank has one deposit token a currency, and banks may have the same currency`() {
        var till = Till()
        let cny = till.createToken(by: .east)
        #expect(till.run(.east, IBanks.setDepositToken(cny, "CNY")) == .done)
        let jpy = till.createToken(by: .east, decimals: 0)
        #expect(till.run(.east, IBanks.setDepositToken(jpy, "JPY")) == .done)
        let west = till.createToken(by: .west)
        #expect(till.run(.west, IBanks.setDepositToken(west, "CNY")) == .done)
        let second = till.createToken(by: .east)
        #expect(
            till.run(.east, IBanks.setDepositToken(second, "CNY"))
                == .refused(.badDepositToken("the bank has a token in CNY already")))
        let east = Till.address(.east)
        var reader = ABIReader(
            till.ask(IBanks.call(.depositToken, words: 1) { $0.write(east) }))
        #expect(try! reader.address() == cny)
        #expect(Array(try! reader.fixedBytes(3)) == Array("CNY".utf8))
        reader = ABIReader(till.ask(IBanks.call(.depositTokens, words: 1) { $0.write(east) }))
        #expect(try! reader.array(of: Address.self) == [cny, jpy])
        #expect(till.ask(IBanks.call(.count, words: 0) { _ in }).last == 3)
        #expect(
            till.ask(IBanks.call(.at, words: 1) { $0.write(2 as UInt64) })
                == Hash32(word: west).bytes)
        #expect(till.machine.banks.depositTokens.count == 3)
    }

    @Test func `what cannot be a deposit token, in this order`() {
        var till = Till()
        func attempt(_ token: Address, _ currency: String = "CNY", by: Till.Who = .east)
            -> Till.Answer
        { till.run(by, IBanks.setDepositToken(token, currency)) }
        let stranger = Till.address(.stranger)
        #expect(attempt(stranger, by: .stranger) == .refused(.notBank(stranger)))
        #expect(attempt(stranger) == .refused(.unknownToken(stranger)))
        #expect(attempt(.dip) == .refused(.notThisBanksToken(.dip)))
        let wests = till.createToken(by: .west)
        #expect(attempt(wests, "XXX") == .refused(.notThisBanksToken(wests)))
        let all: TokenControls = [.mint, .burn, .freeze, .clawback]
        let bad = till.createToken(by: .east, decimals: 3, cap: 9, supply: 9, controls: .mint)
        for currency in ["XXX", "cny", "XAU", "C\0Y"] {
            #expect(
                attempt(bad, currency)
                    == .refused(.badDepositToken("currency: a code of ISO 4217 is wanted")))
        }
        #expect(attempt(bad) == .refused(.badDepositToken("there is some of it already")))
        for missing in [TokenControls.mint, .burn, .freeze, .clawback] {
            let token = till.createToken(
                by: .east, decimals: 3, cap: 9, controls: all.subtracting(missing))
            #expect(
                attempt(token)
                    == .refused(
                        .badDepositToken("controls: mint, burn, freeze and clawback are needed")))
        }
        let capped = till.createToken(by: .east, decimals: 3, cap: 9, controls: all)
        #expect(attempt(capped) == .refused(.badDepositToken("cap: a deposit token has none")))
        let fine = till.createToken(by: .east, decimals: 3, controls: all)
        #expect(attempt(fine) == .refused(.badDepositToken("decimals: CNY has 2")))
        #expect(attempt(fine, "KWD") == .done)
        #expect(attempt(fine, "KWD") == .refused(.badDepositToken("it is one already")))
    }

    @Test func `an allow-list holds for deposit tokens too, and what it refuses is held`() {
        var till = Till()
        let token = till.createToken(
            by: .east, controls: [.mint, .burn, .freeze, .clawback, .allowList])
        let limit = IBanks.setIssueLimit(token, 100)
        till.runAll([
            Step(.east, IBanks.setDepositToken(token, "CNY")),
            Step(.east, IBanks.setChecker(Till.address(.eastChecker))),
            Step(.eastChecker, IBanks.approve(Keccak256.hash(limit))), Step(.east, limit),
            Step(.east, IBanks.issue(token, Till.address(.buyer), 10, 1)),
            Step(.east, IBanks.issue(token, Till.address(.east), 10, 2)),
        ])
        #expect(till.held(.buyer) == 10 && till.balance(.east) == 10)
        #expect(till.run(.east, IBanks.redeem(token, 10)) == .done(Hash32(0, 0, 0, 1).bytes))
    }

    @Test func `a bank without a checker issues nothing, since its limit is 0`() {
        var till = Till()
        let token = till.createToken(by: .east)
        till.run(.east, IBanks.setDepositToken(token, "CNY"))
        #expect(
            till.run(.east, IBanks.issue(token, Till.address(.buyer), 1, 1))
                == .refused(.limitExceeded(perDay: 0, issuedToday: 0, wanted: 1)))
        let limit = IBanks.setIssueLimit(token, 1)
        #expect(till.run(.east, limit) == .refused(.notApproved(Keccak256.hash(limit))))
    }

    @Test func `a reserve is attested as of a time that only goes on, with the supply beside it`() {
        var till = Till.open()
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.buyer), 100, 1))
        till.run(.buyer, IBanks.redeem(token, 30))
        let now = till.time / 1000
        #expect(till.run(.east, IBanks.attestReserve(token, 101, asOf: now)) == .done)
        guard case .reserveAttested(_, let attestation) = till.bankingEffects.first else {
            Testing.Issue.record("nothing was attested")
            return
        }
        #expect(attestation.statementBalance == 101 && attestation.supply == 100)
        #expect(
            till.run(.east, IBanks.attestReserve(token, 1, asOf: now - 1))
                == .refused(.badCalldata("asOf: before the last attestation's, \(now)")))
        #expect(
            till.run(.east, IBanks.attestReserve(token, 1, asOf: now + 100))
                == .refused(.badCalldata("asOf: it is to come")))
        #expect(till.run(.east, IBanks.attestReserve(token, 100, asOf: now)) == .done)
        #expect(
            till.run(.west, IBanks.attestReserve(token, 1, asOf: now))
                == .refused(.notThisBanksToken(token)))
        #expect(
            till.run(.stranger, IBanks.attestReserve(token, 1, asOf: now))
                == .refused(.notBank(Till.address(.stranger))))
        var reader = ABIReader(till.ask(IBanks.call(.reserve, words: 1) { $0.write(token) }))
        #expect(try! reader.amount() == 100 && reader.amount() == 100)
    }
}
