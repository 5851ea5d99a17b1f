import Ledger
import Testing
import Tokens

@testable import Execution

/// A token's address has no key: what is paid there is lost.
@Suite struct TokenReceiverTests {
    private typealias Step = Till.Step

    private static func call(
        _ function: IToken.Function, words: Int, _ write: (inout ABIWriter) -> Void
    ) -> [UInt8] {
        var writer = ABIWriter(selector: function.rawValue, words: words)
        write(&writer)
        return writer.finish()
    }

    @Test(arguments: [false, true])
    func `nobody sends, issues, mints or takes back to a token`(_ restarts: Bool) {
        var till = Till.open()
        let (east, west) = (till.token(of: .east), till.token(of: .west))
        till.stock(.buyer, 10)
        till.createToken(by: .north, controls: [.mint])
        let north = till.token(of: .north)
        // Which tokens there are is worked out anew at a start.
        if restarts { till.restart() }
        let refused = Till.Answer.refused(.erc20InvalidReceiver(west))
        let transfer = Self.call(.transfer, words: 2) {
            $0.write(west)
            $0.write(1 as UInt128)
        }
        for token in [Address.dip, east] {
            #expect(till.run(.buyer, transfer, to: token) == refused)
        }
        let batch = Self.call(.transferBatch, words: 2) {
            $0.write(array: [Till.address(.maker), west])
            $0.write(array: [1, 1] as [UInt128])
        }
        #expect(till.run(.buyer, batch, to: .dip) == refused)
        let approve = Self.call(.approve, words: 2) {
            $0.write(Till.address(.maker))
            $0.write(5 as UInt128)
        }
        till.run(.buyer, approve, to: east)
        let taking = Self.call(.transferFrom, words: 3) {
            $0.write(Till.address(.buyer))
            $0.write(west)
            $0.write(1 as UInt128)
        }
        #expect(till.run(.maker, taking, to: east) == refused)
        let mint = Self.call(.mint, words: 2) {
            $0.write(west)
            $0.write(1 as UInt128)
        }
        #expect(till.run(.north, mint, to: north) == refused)
        let clawback = Self.call(.clawback, words: 4) {
            $0.write(Till.address(.buyer))
            $0.write(west)
            $0.write(1 as UInt128)
            $0.write(word: .zero)
        }
        #expect(till.run(.east, clawback, to: east) == refused)
        #expect(till.run(.east, IBanks.issue(east, west, 1, 77)) == refused)
        let pay = Council.propose(.payTreasury(token: .dip, to: west, amount: 1))
        #expect(
            till.run(.east, pay, to: .treasury)
                == .refused(.badProposal("\(west) cannot receive: ERC20InvalidReceiver")))
        #expect(till.balance(west) == 0 && till.tokens.balance(of: west, in: .dip) == 0)
    }

    @Test func `nobody has the key of a token`() {
        var till = Till.open()
        let (east, west, customer) = (till.token(), till.token(of: .west), Till.address(.supplier))
        let entity = EntityTests.entity()
        #expect(
            till.run(.east, EntityTests.attest(entity, west), to: .entities)
                == .refused(.badIdentifier("nobody can have the key of \(west)")))
        for (call, name) in [
            (IBanks.setOperator(west), "next"), (IBanks.setChecker(west), "checker"),
        ] {
            #expect(
                till.run(.east, call)
                    == .refused(.badCalldata("\(name): nobody can have the key of \(west)")))
        }
        let bank = Till.address(.west)
        for change: IGovernance.Change in [
            .admitReviewer(west),
            .admitBank(name: "South", node: west, operator: customer, endpoint: "south:1"),
            .admitBank(name: "South", node: customer, operator: west, endpoint: "south:1"),
            .rotateKey(bank: bank, which: .node, key: west),
            .rotateKey(bank: bank, which: .operator, key: west),
            .rotateKey(bank: bank, which: .checker, key: west),
        ] {
            #expect(
                till.run(.east, Council.propose(change), to: .treasury)
                    == .refused(.badProposal("nobody can have the key of \(west)")))
        }
        // Attested before that was refused, it gets nothing by a recovery.
        till.stock(.supplier, 10)
        till.run(.east, EntityTests.attest(entity, customer), to: .entities)
        let state = till.machine.state
        state.setObject(EntityKey.entity(west), state.object(EntityKey.entity(customer)))
        _ = state.endBlock()
        let recovery = IBanks.recover(customer, west)
        till.run(.eastChecker, IBanks.approve(Keccak256.hash(recovery)))
        #expect(
            till.run(.east, recovery)
                == .refused(.badCalldata("to: nobody can have the key of \(west)")))
        #expect(till.balance(.supplier) == 10 && till.tokens.find(east) == till.id(of: .east))
    }

    /// Addresses of tokens are known before the tokens are there.
    @Test func `an order in which a token was to be paid that was still to come is not accepted`() {
        var till = Till.open()
        let next = TokenID(rawValue: till.tokens.count + 1).address
        var open = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        open.write(
            IOrders.Terms(
                token: till.token(), buyer: Till.address(.buyer),
                lines: [.init(tier: 1, payee: next, amount: 9)]))
        till.runAll([Step(.supplier, open.finish(), to: .orders)])
        #expect(till.createToken(by: .north) == next)
        var accept = ABIWriter(selector: IOrders.Function.accept.rawValue, words: 1)
        accept.write(1 as UInt64)
        #expect(
            till.run(.buyer, accept.finish(), to: .orders)
                == .refused(.badTerms("lines[0].payee")))
    }

    @Test func `a token is neither payee nor buyer of an order, and holds no claim`() {
        var till = Till.open()
        let (east, west) = (till.token(of: .east), till.token(of: .west))
        func open(buyer: Address, payee: Address) -> [UInt8] {
            var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            writer.write(
                IOrders.Terms(
                    token: east, buyer: buyer,
                    lines: [.init(tier: 1, payee: payee, amount: 9)]))
            return writer.finish()
        }
        let (buyer, supplier) = (Till.address(.buyer), Till.address(.supplier))
        #expect(
            till.run(.buyer, open(buyer: buyer, payee: west), to: .orders)
                == .refused(.badTerms("lines[0].payee")))
        #expect(
            till.run(.supplier, open(buyer: west, payee: supplier), to: .orders)
                == .refused(.badTerms("buyer")))
        till.runAll([Step(.buyer, open(buyer: buyer, payee: supplier), to: .orders)])
        var move = ABIWriter(selector: IClaims.Function.transfer.rawValue, words: 4)
        move.write(1 as UInt64)
        move.write(0 as UInt16)
        move.write(west)
        move.write(9 as UInt128)
        #expect(
            till.run(.supplier, move.finish(), to: .claims)
                == .refused(.erc1155InvalidReceiver(west)))
    }
}
