import Ledger
import Testing
import Tokens

@testable import Execution

/// Money that arrived at a bank comes onto the ledger, once.
@Suite struct IssueTests {
    private typealias Step = Till.Step

    @Test func `a bank issues against a payment, and its customer has the money`() {
        var till = Till.open()
        let buyer = Till.address(.buyer)
        #expect(till.run(.east, IBanks.issue(till.token(), buyer, 500, 1)) == .done)
        #expect(till.balance(.buyer) == 500 && till.supply() == 500)
        #expect(till.supply(.west) == 0)
        let issue = Issue(to: buyer, amount: 500, reference: Hash32(0, 0, 7, 1))
        #expect(till.effects.contains(.deposit(.issued(till.id(of: .east), [issue]))))
        #expect(
            tokenLogs(till).map(\.topics.first) == [
                IToken.Event.transfer.topic, IBanks.Event.issued.topic,
            ])
        var reader = ABIReader(
            till.ask(
                IBanks.call(.issueLimit, words: 1) { $0.write(till.token()) }))
        #expect(try! reader.amount() == 1_000_000 && reader.amount() == 500)
    }

    private func tokenLogs(_ till: Till) -> [Log] {
        till.effects.flatMap { effect -> [Log] in
            if case .deposit = effect { return effect.logs }
            return []
        }
    }

    @Test func `a reference is used once for ever, and a repeated call is told so`() {
        var till = Till.open(perDay: 900)
        let issue = IBanks.issue(till.token(), Till.address(.buyer), 500, 1)
        till.run(.east, issue)
        // Also where the limit would refuse it anyway: the desk learns that it was done.
        let again = Till.Answer.refused(.duplicateReference(Hash32(0, 0, 7, 1)))
        #expect(till.run(.east, issue) == again)
        till.pass(seconds: 86_400 * 400)
        till.restart()
        #expect(till.run(.east, issue) == again)
        // Another bank's references are its own.
        #expect(
            till.run(.west, IBanks.issue(till.token(of: .west), Till.address(.buyer), 5, 1))
                == .done)
        let height = till.ask(
            IBanks.call(.issuedAt, words: 2) {
                $0.write(till.token())
                $0.write(word: Hash32(0, 0, 7, 1))
            })
        #expect(Hash32(height)?.number ?? 0 > 0)
    }

    @Test func `a batch happens whole or not at all`() {
        var till = Till.open()
        let (buyer, maker) = (Till.address(.buyer), Till.address(.maker))
        let token = till.token()
        let first = [(buyer, 5 as UInt128, 1 as UInt64), (maker, 7, 2), (buyer, 9, 3)]
        #expect(till.run(.east, IBanks.issueBatch(token, first)) == .done)
        #expect(till.balance(.buyer) == 14 && till.balance(.maker) == 7)
        let refusals: [([(Address, UInt128, UInt64)], Rejection)] = [
            ([(buyer, 1, 4), (buyer, 1, 4)], .duplicateReference(Hash32(0, 0, 7, 4))),
            ([(buyer, 1, 4), (maker, 1, 2)], .duplicateReference(Hash32(0, 0, 7, 2))),
            ([(buyer, 1, 4), (.orders, 1, 5)], .erc20InvalidReceiver(.orders)),
            ([(buyer, 1, 4), (.zero, 1, 5)], .erc20InvalidReceiver(.zero)),
            ([(buyer, 1, 4), (.order(3), 1, 5)], .erc20InvalidReceiver(.order(3))),
            ([(buyer, 1, 4), (token, 1, 5)], .erc20InvalidReceiver(token)),
            ([(buyer, 1, 4), (buyer, 0, 5)], .zeroAmount),
            (
                [(buyer, .max, 4), (buyer, 1, 5)],
                .amountTooLarge(Hash32(0, 0, UInt64.max, UInt64.max - 20 + 19))
            ),
            (
                [(buyer, 999_979, 4), (buyer, 1, 5)],
                .limitExceeded(perDay: 1_000_000, issuedToday: 21, wanted: 999_980)
            ),
        ]
        for (issues, refusal) in refusals {
            let answer = till.run(.east, IBanks.issueBatch(token, issues))
            if case .amountTooLarge = refusal {
                guard case .refused(let data) = answer else {
                    Testing.Issue.record("\(answer)")
                    continue
                }
                #expect(data.prefix(4) == refusal.revertData.prefix(4))
            } else {
                #expect(answer == .refused(refusal))
            }
            #expect(till.supply() == 21)
        }
        // None of their references is used up.
        #expect(till.run(.east, IBanks.issueBatch(token, [(buyer, 999_979, 4)])) == .done)
        #expect(till.run(.east, IBanks.issueBatch(token, [])) == .done)
    }

    @Test func `lists of different lengths are refused`() {
        var till = Till.open()
        let short = IBanks.call(.issueBatch, words: 4) {
            $0.write(till.token())
            $0.write(array: [Till.address(.buyer)])
            $0.write(array: [1 as UInt128])
            $0.write(array: [Hash32]())
        }
        #expect(till.run(.east, short) == .refused(.lengthMismatch(1, 0)))
    }

    @Test func `only the bank of the token issues it`() {
        var till = Till.open()
        let token = till.token()
        let buyer = Till.address(.buyer)
        let answers = till.run([
            Step(.stranger, IBanks.issue(token, buyer, 1, 1)),
            Step(.eastChecker, IBanks.issue(token, buyer, 1, 1)),
            Step(.west, IBanks.issue(token, buyer, 1, 1)),
            Step(.north, IBanks.issue(token, buyer, 1, 1)),
            Step(.east, IBanks.issue(.dip, buyer, 1, 1)),
            Step(.east, IBanks.issue(buyer, buyer, 1, 1)),
        ])
        #expect(
            answers == [
                .refused(.notBank(Till.address(.stranger))),
                .refused(.notBank(Till.address(.eastChecker))),
                .refused(.notThisBanksToken(token)), .refused(.notThisBanksToken(token)),
                .refused(.notThisBanksToken(.dip)), .refused(.notThisBanksToken(buyer)),
            ])
    }

    @Test func `the ordinary ways to make and destroy a deposit token are closed`() {
        var till = Till.open()
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.east), 100, 1))
        func call(_ function: IToken.Function, _ words: Hash32...) -> [UInt8] {
            var writer = ABIWriter(selector: function.rawValue, words: words.count)
            for word in words { writer.write(word: word) }
            return writer.finish()
        }
        let one = Hash32(word: 1 as UInt128)
        let calls = [
            call(.mint, Hash32(word: Till.address(.east)), one), call(.burn, one),
            call(.burnFrom, Hash32(word: Till.address(.east)), one),
        ]
        for data in calls {
            #expect(till.run(.east, data, to: token) == .refused(.isDepositToken(token)))
        }
        #expect(till.supply() == 100)
        // A token that is none is still made as ever.
        let other = till.createToken(by: .north)
        #expect(
            till.run(.north, call(.mint, Hash32(word: Till.address(.north)), one), to: other)
                == .done)
    }

    @Test func `what the token refuses a customer is held, because the money has arrived`() {
        var till = Till.open()
        let token = till.token()
        let buyer = Till.address(.buyer)
        till.freeze(.buyer)
        #expect(till.run(.east, IBanks.issue(token, buyer, 500, 1)) == .done)
        #expect(till.balance(.buyer) == 0 && till.held(.buyer) == 500 && till.supply() == 500)
        let logs = tokenLogs(till)
        #expect(
            logs.map(\.topics.first) == [
                IToken.Event.transfer.topic, IToken.Event.held.topic, IBanks.Event.issued.topic,
            ])
        #expect(logs.first?.topics.last == Hash32(word: .orders))
        till.freeze(.buyer, false)
        var release = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
        release.write(buyer)
        #expect(till.run(.stranger, release.finish(), to: token) == .done)
        #expect(till.balance(.buyer) == 500 && till.held(.buyer) == 0)
        till.pause()
        #expect(till.run(.east, IBanks.issue(token, Till.address(.maker), 5, 2)) == .done)
        #expect(till.held(.maker) == 5)
    }

    @Test func `the limit is of a day by UTC, and the checker lets more pass, once`() {
        var till = Till.open(perDay: 1_000)
        let token = till.token()
        let buyer = Till.address(.buyer)
        // A minute before midnight.
        till.time = 1_764_028_800_000 / 86_400_000 * 86_400_000 + 86_400_000 * 2 - 60_000
        #expect(till.run(.east, IBanks.issue(token, buyer, 1_000, 1)) == .done)
        let more = IBanks.issue(token, buyer, 50, 2)
        let refusal = Till.Answer.refused(
            .limitExceeded(perDay: 1_000, issuedToday: 1_000, wanted: 50))
        #expect(till.run(.east, more) == refusal)
        // Whoever else approves it changes nothing.
        #expect(
            till.run(.stranger, IBanks.approve(Keccak256.hash(more)))
                == .refused(.notBank(Till.address(.stranger))))
        #expect(till.run(.westChecker, IBanks.approve(Keccak256.hash(more))) == .done)
        #expect(till.run(.east, more) == refusal)
        #expect(till.run(.eastChecker, IBanks.approve(Keccak256.hash(more))) == .done)
        // It is for exactly this call.
        #expect(
            till.run(.east, IBanks.issue(token, buyer, 51, 2))
                == .refused(.limitExceeded(perDay: 1_000, issuedToday: 1_000, wanted: 51)))
        #expect(till.run(.east, more) == .done)
        #expect(
            till.run(.east, IBanks.issue(token, buyer, 1, 3))
                == .refused(.limitExceeded(perDay: 1_000, issuedToday: 1_050, wanted: 1)))
        till.pass(seconds: 60)
        #expect(till.run(.east, IBanks.issue(token, buyer, 1_000, 3)) == .done)
        #expect(till.supply() == 2_050)
        #expect(
            till.run(.east, IBanks.issue(token, buyer, 1, 4))
                == .refused(.limitExceeded(perDay: 1_000, issuedToday: 1_000, wanted: 1)))
    }

    @Test func `an approval counts for seven days and is used up, needed or not`() {
        var till = Till.open(perDay: 1_000)
        let issue = IBanks.issue(till.token(), Till.address(.buyer), 2_000, 1)
        let hash = Keccak256.hash(issue)
        till.run(.eastChecker, IBanks.approve(hash))
        func isApproved() -> Bool {
            till.ask(
                IBanks.call(.approved, words: 2) {
                    $0.write(Till.address(.east))
                    $0.write(word: hash)
                }
            ).last == 1
        }
        till.time += 7 * 86_400_000
        #expect(isApproved())
        till.time += 1_000
        #expect(!isApproved())
        #expect(
            till.run(.east, issue)
                == .refused(.limitExceeded(perDay: 1_000, issuedToday: 0, wanted: 2_000)))
        // Lowering a limit needs none, but uses one that is there.
        let lower = IBanks.setIssueLimit(till.token(), 500)
        till.run(.eastChecker, IBanks.approve(Keccak256.hash(lower)))
        #expect(till.run(.east, lower) == .done)
        #expect(till.run(.east, IBanks.setIssueLimit(till.token(), 0)) == .done)
        #expect(till.run(.east, lower) == .refused(.notApproved(Keccak256.hash(lower))))
    }

    @Test func `a thousand issues in one call fit a block many times over`() {
        var till = Till.open(perDay: .max)
        let issues = (0..<1_000).map { (Till.address(.buyer), 1 as UInt128, UInt64($0)) }
        let data = IBanks.issueBatch(till.token(), issues)
        let trial = till.machine.simulate(
            sender: Till.address(.east), to: .banks, value: 0, data: data,
            gasLimit: 1_000_000_000, now: till.time / 1000)
        #expect(try! trial.result.get() == [])
        #expect(trial.gasUsed < 15_000_000, "\(trial.gasUsed)")
        #expect(till.run(.east, data) == .done)
        #expect(till.balance(.buyer) == 1_000)
        // A trial of what was done meanwhile sees it, and leaves no trace.
        let again = till.machine.simulate(
            sender: Till.address(.east), to: .banks, value: 0, data: data,
            gasLimit: 1_000_000_000, now: till.time / 1000)
        guard case .failure(.duplicateReference) = again.result else {
            Testing.Issue.record("\(again.result)")
            return
        }
    }

    @Test func `gas runs out before anything is issued`() {
        var till = Till.open()
        let data = IBanks.issueBatch(
            till.token(), (0..<10).map { (Till.address(.buyer), 1, UInt64($0)) })
        guard case .refused = till.run(.east, data, gasLimit: 120_000) else {
            Testing.Issue.record("it was not refused")
            return
        }
        #expect(till.supply() == 0)
    }
}
