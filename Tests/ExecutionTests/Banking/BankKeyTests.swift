import Ledger
import Testing
import Tokens

@testable import Execution

/// Who acts for a bank, and what takes two of its keys.
@Suite struct BankKeyTests {
    private typealias Step = Till.Step

    private static func approved(_ data: [UInt8]) -> [UInt8] {
        IBanks.approve(Keccak256.hash(data))
    }

    @Test func `the first checker is the operator's choice, the next one the first one's too`() {
        var till = Till()
        #expect(till.run(.east, IBanks.setChecker(Till.address(.eastChecker))) == .done)
        #expect(till.bankingEffects.count == 1)
        let next = IBanks.setChecker(Till.address(.spare))
        #expect(till.run(.east, next) == .refused(.notApproved(Keccak256.hash(next))))
        till.run(.eastChecker, Self.approved(next))
        #expect(till.run(.east, next) == .done)
        #expect(
            till.ask(IBanks.call(.checker, words: 1) { $0.write(Till.address(.east)) })
                == Hash32(word: Till.address(.spare)).bytes)
        // The one before is nobody any more, and what it approved is void.
        #expect(
            till.run(.eastChecker, IBanks.approve(.zero))
                == .refused(.notBank(Till.address(.eastChecker))))
    }

    @Test func `what a checker approved is void once there is another`() {
        var till = Till.open(perDay: 10)
        let issue = IBanks.issue(till.token(), Till.address(.buyer), 11, 1)
        let next = IBanks.setChecker(Till.address(.spare))
        till.runAll([
            Step(.eastChecker, Self.approved(issue)), Step(.eastChecker, Self.approved(next)),
            Step(.east, next),
        ])
        #expect(
            till.run(.east, issue)
                == .refused(.limitExceeded(perDay: 10, issuedToday: 0, wanted: 11)))
    }

    @Test func `who cannot be a checker`() {
        var till = Till.open()
        for account in [
            Address.zero, .banks, .order(1), Till.address(.east), Till.address(.westChecker),
        ] {
            guard case .refused(let data) = till.run(.east, IBanks.setChecker(account)) else {
                Testing.Issue.record("\(account)")
                continue
            }
            #expect(data.prefix(4) == Rejection.badCalldata("").revertData.prefix(4))
        }
        #expect(
            till.run(.stranger, IBanks.setChecker(Till.address(.spare)))
                == .refused(.notBank(Till.address(.stranger))))
    }

    @Test func `a new operator acts from the next block on, with the roles of the one before`() {
        var till = Till.open()
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.buyer), 100, 1))
        let rotate = IBanks.setOperator(Till.address(.spare))
        #expect(till.run(.east, rotate) == .refused(.notApproved(Keccak256.hash(rotate))))
        till.run(.eastChecker, Self.approved(rotate))
        // In the same block the old one still acts.
        till.runAll([
            Step(.east, rotate), Step(.east, IBanks.issue(token, Till.address(.buyer), 1, 2)),
        ])
        #expect(till.machine.nextDue == 0)
        till.pass(seconds: 1)
        #expect(till.machine.nextDue == nil)
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(.spare))?.id == 1)
        #expect(
            till.bankingEffects == [
                .operatorChanged(from: Till.address(.east), to: Till.address(.spare))
            ])
        #expect(
            till.run(.east, IBanks.issue(token, Till.address(.buyer), 1, 3))
                == .refused(.notBank(Till.address(.east))))
        #expect(till.run(.spare, IBanks.issue(token, Till.address(.buyer), 1, 3)) == .done)
        // Freezing and taking back go with the key, or a stolen one would keep them.
        for role in [TokenRole.admin, .minter, .freezer, .clawback, .pauser] {
            #expect(!till.tokens.hasRole(role.id, Till.address(.east), in: till.id(of: .east)))
            #expect(till.tokens.hasRole(role.id, Till.address(.spare), in: till.id(of: .east)))
        }
        let view = till.machine.banks.view(of: Till.address(.spare))
        #expect(view.active && view.name == "Bank east")
        #expect(till.machine.banks.view(of: Till.address(.east)).name == "")
    }

    private static func role(
        _ function: IToken.Function, _ role: TokenRole, _ who: Till.Who
    ) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: 2)
        writer.write(word: role.id)
        writer.write(Till.address(who))
        return writer.finish()
    }

    /// Whoever had the key for an hour gave itself, or took from the operator, what a rotation is to end.
    @Test func `a deposit token's admin is its bank's operator, whoever had the key`() {
        let role = Self.role
        var till = Till.open()
        let token = till.token()
        for call in [
            role(.grantRole, .admin, .stranger), role(.revokeRole, .admin, .east),
            role(.renounceRole, .admin, .east),
        ] {
            #expect(till.run(.east, call, to: token) == .refused(.isDepositToken(token)))
        }
        // Other roles are the operator's to give, and the next one's to take.
        #expect(till.run(.east, role(.grantRole, .clawback, .stranger), to: token) == .done)
        #expect(till.run(.east, role(.renounceRole, .clawback, .east), to: token) == .done)
        let rotate = IBanks.setOperator(Till.address(.spare))
        till.runAll([Step(.eastChecker, Self.approved(rotate)), Step(.east, rotate)])
        till.pass(seconds: 1)
        #expect(till.run(.spare, role(.revokeRole, .clawback, .stranger), to: token) == .done)
        #expect(till.run(.spare, role(.grantRole, .clawback, .spare), to: token) == .done)
        #expect(
            till.tokens.hasRole(
                TokenRole.clawback.id, Till.address(.spare), in: till.id(of: .east)))
        // What others administered before may have more admins than anybody can list.
        for call in [
            role(.renounceRole, .admin, .north), role(.grantRole, .admin, .stranger),
        ] {
            let north = till.createToken(by: .north)
            #expect(till.run(.north, call, to: north) == .done)
            #expect(
                till.run(.north, IBanks.setDepositToken(north, "CNY"))
                    == .refused(
                        .badDepositToken(
                            "roles: its admin's is somebody else's, or was given away once")))
        }
    }

    /// Before it was refused, the role could be given to a key that nobody knows of, and be taken from the operator.
    @Test func `who got the admin's role of a deposit token before has no use of it`() {
        var till = Till.open()
        let (token, stranger) = (till.token(), Till.address(.stranger))
        till.tokens.handOverRoles(
            of: till.id(of: .east), from: Till.address(.east), to: stranger)
        _ = till.machine.state.endBlock()
        let rotate = IBanks.setOperator(Till.address(.spare))
        till.runAll([Step(.eastChecker, Self.approved(rotate)), Step(.east, rotate)])
        till.pass(seconds: 1)
        let unauthorized = Till.Answer.refused(
            .accessControlUnauthorizedAccount(stranger, role: TokenRole.admin.id))
        for call in [
            Self.role(.grantRole, .clawback, .maker), Self.role(.revokeRole, .freezer, .maker),
            Self.role(.revokeRole, .admin, .stranger),
        ] {
            #expect(till.run(.stranger, call, to: token) == unauthorized)
        }
        let deposit = Till.Answer.refused(.isDepositToken(token))
        for call in [
            Self.role(.revokeRole, .admin, .spare), Self.role(.grantRole, .admin, .maker),
        ] {
            #expect(till.run(.stranger, call, to: token) == deposit)
            #expect(till.run(.spare, call, to: token) == deposit)
        }
        for call in [
            Self.role(.revokeRole, .admin, .stranger), Self.role(.revokeRole, .clawback, .stranger),
            Self.role(.grantRole, .clawback, .spare),
        ] {
            #expect(till.run(.spare, call, to: token) == .done)
        }
        let id = till.id(of: .east)
        for role in [TokenRole.admin, .clawback] {
            #expect(!till.tokens.hasRole(role.id, stranger, in: id))
        }
        #expect(till.tokens.hasRole(TokenRole.clawback.id, Till.address(.spare), in: id))
    }

    @Test func `who cannot be an operator`() {
        var till = Till.open()
        let accounts = [
            Address.zero, .treasury, .order(2), Till.address(.west), Till.address(.east),
            Till.address(.eastChecker),
            Address(high: 7, middle: 7, low: UInt32(Till.Who.west.rawValue)),
        ]
        for account in accounts {
            let rotate = IBanks.setOperator(account)
            till.run(.eastChecker, Self.approved(rotate))
            guard case .refused(let data) = till.run(.east, rotate) else {
                Testing.Issue.record("\(account)")
                continue
            }
            #expect(data.prefix(4) == Rejection.badCalldata("").revertData.prefix(4))
        }
    }

    @Test func `two banks that want one key in one block do not both get it`() {
        var till = Till.open()
        let rotate = IBanks.setOperator(Till.address(.spare))
        till.runAll([
            Step(.eastChecker, Self.approved(rotate)), Step(.westChecker, Self.approved(rotate)),
            Step(.east, rotate), Step(.west, rotate),
        ])
        till.pass(seconds: 1)
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(.spare))?.id == 1)
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(.west))?.id == 2)
        #expect(till.machine.nextDue == nil)
    }

    @Test func `a bank that left ends what is in flight, issues nothing, and may come back`() {
        var till = Till.open()
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.supplier), 100, 1))
        for _ in 0..<4 { till.run(.supplier, IBanks.redeem(token, 10)) }
        till.run(.east, IBanks.instruct(1))
        till.decide(.removeBank(Till.address(.east)))
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(.east)) == nil)
        let view = till.machine.banks.view(of: Till.address(.east))
        #expect(!view.active && view.name == "Bank east")
        #expect(
            till.run(.east, IBanks.issue(token, Till.address(.supplier), 1, 2))
                == .refused(.notBank(Till.address(.east))))
        // Its holders still ask for their money.
        till.run(.supplier, IBanks.redeem(token, 10))
        #expect(till.run(.east, IBanks.settle(1)) == .done)
        #expect(till.run(.east, IBanks.reject(2)) == .done)
        #expect(till.run(.east, IBanks.instruct(3)) == .done)
        #expect(
            till.run(.east, IBanks.attestReserve(token, 90, asOf: till.time / 1000)) == .done)
        // Another bank cannot take its key over.
        #expect(
            till.run([
                Step(
                    .west,
                    Council.propose(
                        .rotateKey(
                            bank: Till.address(.west), which: .operator, key: Till.address(.east))),
                    to: .treasury)
            ])[0]
                == .refused(
                    .badProposal("\(Till.address(.east)) operates another bank, or did")))
        till.decide(
            .admitBank(
                name: "Bank east again", node: Address(high: 8, middle: 8, low: 8),
                operator: Till.address(.east), endpoint: "east:4000"))
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(.east))?.id == 4)
        // It is the same bank: tokens, limit and checker are its own again.
        #expect(till.run(.east, IBanks.issue(token, Till.address(.supplier), 1, 2)) == .done)
        #expect(till.run(.east, IBanks.settle(3)) == .done)
        let rotate = IBanks.setOperator(Till.address(.spare))
        till.run(.eastChecker, Self.approved(rotate))
        #expect(till.run(.east, rotate) == .done)
        till.pass(seconds: 1)
        #expect(till.run(.spare, IBanks.issue(token, Till.address(.supplier), 1, 3)) == .done)
    }

    @Test func `a rotation that governance decides moves the bank at 0x…d105 too`() {
        var till = Till.open()
        till.decide(
            .rotateKey(bank: Till.address(.east), which: .operator, key: Till.address(.spare)))
        #expect(
            till.run(.spare, IBanks.issue(till.token(), Till.address(.buyer), 1, 1)) == .done)
        #expect(
            till.run([
                Step(
                    .spare,
                    Council.propose(
                        .rotateKey(
                            bank: Till.address(.spare), which: .operator,
                            key: Till.address(.eastChecker))), to: .treasury)
            ])[0]
                == .refused(
                    .badProposal("\(Till.address(.eastChecker)) is the bank's checker")))
    }

    @Test func `a bank that lost its checker's key gets another one from the banks`() {
        var till = Till.open()
        let east = Till.address(.east)
        func rotate(_ key: Address) -> [UInt8] {
            Council.propose(.rotateKey(bank: east, which: .checker, key: key))
        }
        for (key, why) in [
            (Address.zero, "nobody can have"), (east, "two keys are wanted"),
            (Till.address(.westChecker), "another bank's checker"),
        ] {
            guard case .refused(let data) = till.run(.west, rotate(key), to: .treasury) else {
                Testing.Issue.record("\(key)")
                continue
            }
            #expect(Council.reason(data[...]).contains(why))
        }
        till.decide(.rotateKey(bank: east, which: .checker, key: Till.address(.spare)))
        let limit = IBanks.setIssueLimit(till.token(), 2_000_000)
        #expect(
            till.run(.eastChecker, Self.approved(limit))
                == .refused(.notBank(Till.address(.eastChecker))))
        #expect(till.run(.spare, Self.approved(limit)) == .done)
        #expect(till.run(.east, limit) == .done)
        // Also of a bank that never did anything here.
        till.decide(
            .rotateKey(
                bank: Till.address(.north), which: .checker, key: Till.address(.stranger)))
        #expect(
            till.machine.banks.record(operatedBy: Till.address(.north))?.checker
                == Till.address(.stranger))
    }

    @Test func `a bank says its BIC, alone at first, then with its checker`() {
        var till = Till.open()
        for bad in [
            "", "BANKCNB", "BANKCNBJX", "bankCNBJ", "BANK1NBJ", "BANKCNBJ12", "BANKCNB\u{e9}",
        ] {
            guard case .refused(let data) = till.run(.east, IBanks.setBic(bad)) else {
                Testing.Issue.record("\(bad)")
                continue
            }
            #expect(data.prefix(4) == Rejection.badCalldata("").revertData.prefix(4))
        }
        #expect(till.run(.east, IBanks.setBic("EASTCNBJ")) == .done)
        #expect(
            till.bankingEffects == [.admitted(operator: Till.address(.east), bic: "EASTCNBJ")])
        #expect(
            till.run(.west, IBanks.setBic("EASTCNBJ"))
                == .refused(.badCalldata("bic: it is another bank's")))
        let other = IBanks.setBic("EASTCNBJ100")
        #expect(till.run(.east, other) == .refused(.notApproved(Keccak256.hash(other))))
        till.run(.eastChecker, Self.approved(other))
        #expect(till.run(.east, other) == .done)
        var reader = ABIReader(
            till.ask(IBanks.call(.bank, words: 1) { $0.write(Till.address(.east)) }))
        #expect(try! reader.read(IBanks.Bank.self).bic == "EASTCNBJ100")
    }
}
