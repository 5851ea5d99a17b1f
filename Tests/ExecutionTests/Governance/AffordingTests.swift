import Ledger
import Testing
import Tokens

@testable import Execution

/// That the banks can always pay for the next decision.
@Suite struct AffordingTests {
    /// At a price that nobody can pay there is no vote for another one, for ever.
    @Test func `the price of gas is raised only as far as most banks can pay for votes`() throws {
        // Each bank has 10^18 units, less its fees; voting takes a million gas.
        var council = Council(banks: 3)
        func raise(_ price: UInt128) -> IGovernance.Change {
            .setParameter(name: "gasPrice", value: price)
        }
        func why(_ able: Int, _ price: UInt128) -> String {
            "gasPrice: only \(able) of 3 banks have what votes would cost, \(price * 1_000_000) units of DIP for "
                + "1000000 gas with each operator; more than half must, to lower it again"
        }
        #expect(
            council.pass(raise(2_000_000_000_000)) == .refused(why(0, 2_000_000_000_000)))
        // Looked at again when its height has come: one bank more has spent its money by then.
        council.spend(Council.wealth / 2, by: 1)
        council.pass(raise(900_000_000_000), from: council.height + 6)
        council.spend(Council.wealth / 2, by: 2)
        council.advance(to: council.height + 3)
        #expect(
            council.effects == [
                .failed(id: 1, height: council.height, why: why(1, 900_000_000_000))
            ])
        #expect(council.machine.rules.gasPrice == Council.price)
        // What most can pay they may set, and then set otherwise.
        council.pass(raise(400_000_000_000))
        council.run([])
        #expect(council.machine.rules.gasPrice == 400_000_000_000)
        council.pass(raise(Council.price))
        council.run([])
        #expect(council.machine.rules.gasPrice == Council.price)
    }

    @Test func `half of the banks are too few to raise the price, and none is needed to lower it`()
    {
        var council = Council(banks: 2)
        func set(_ price: UInt128) -> IGovernance.Change {
            .setParameter(name: "gasPrice", value: price)
        }
        #expect(
            council.pass(set(1_000_000_000_000_001))
                == .refused("gasPrice: 0 to 1000000000000000 wanted"))
        council.spend(Council.wealth / 2, by: 1)
        guard case .refused(let why) = council.pass(set(900_000_000_000)) else {
            Issue.record("one of two banks can pay for votes then")
            return
        }
        #expect(why.hasPrefix("gasPrice: only 1 of 2 banks have"))
        // Both have enough for a vote, and not for a million gas at the lower price either.
        let cost = 700_000_000 * UInt128(Governance.decidingGas)
        for bank in 0..<2 {
            let balance = council.machine.tokens.balance(of: council.address(bank), in: .dip)
            council.spend(balance - cost, by: bank)
            #expect(
                council.machine.tokens.balance(of: council.address(bank), in: .dip) < cost)
        }
        council.pass(set(700_000_000))
        council.run([])
        #expect(council.machine.rules.gasPrice == 700_000_000)
    }

    /// One that pays for all of them may have enough for one, and may end that in the same block.
    @Test func `who pays a bank's fees does not count for it`() throws {
        var council = Council(banks: 1)
        let raise = IGovernance.Change.setParameter(name: "gasPrice", value: 700_000_000_000)
        council.spend(9 * Council.wealth / 10, by: 0)
        var grant = ABIWriter(selector: IDip.Function.grantFees.rawValue, words: 3)
        grant.write(council.address(0))
        grant.write(8 * Council.wealth / 10)
        grant.write(UInt64.max)
        var name = ABIWriter(selector: IDip.Function.setFeePayer.rawValue, words: 1)
        name.write(council.address(5))
        council.run([(5, grant.finish()), (0, name.finish())], to: .dip)
        guard case .refused(let why) = council.pass(raise) else {
            Issue.record("the bank itself has a tenth of a DIP")
            return
        }
        #expect(why.hasPrefix("gasPrice: only 0 of 1 banks have"))
        var transfer = ABIWriter(selector: IDip.Function.transfer.rawValue, words: 2)
        transfer.write(council.address(0))
        transfer.write(7 * Council.wealth / 10)
        council.run([(5, transfer.finish())], to: .dip)
        council.pass(raise)
        council.run([])
        #expect(council.machine.rules.gasPrice == 700_000_000_000)
    }
}
