import Execution
import Ledger
import Testing

@testable import Replica

@Suite struct PoolStateTests {
    /// Whether a thread would get the right to check a transaction itself.
    private func mayCheck(_ state: PoolState) -> Bool {
        var state = state
        return state.takeCheck()
    }

    private func executeBlock(_ state: inout PoolState) {
        state.executed(nextDue: nil, rules: Rules(), versions: VersionSchedule())
    }

    @Test func `whoever brings a transaction may check it once a block`() {
        var state = PoolState(rules: Rules())
        let first = state.takeCheck()
        #expect(first && !mayCheck(state))
        executeBlock(&state)
        #expect(mayCheck(state))
    }

    @Test func `and only while nothing else is under way`() throws {
        var state = PoolState(rules: Rules())
        state.inFlight = 1
        #expect(!mayCheck(state))
        executeBlock(&state)
        #expect(mayCheck(state))
        state.unpublished = 1
        #expect(!mayCheck(state))
        state.unpublished = 0
        state.isCutting = true
        #expect(!mayCheck(state))
        state.isCutting = false
        let transaction = try TestAccounts.transfer(from: 1, nonce: 0)
        let standing = Standing(
            height: 0, nonce: 0, balance: 1 << 80, feePayer: transaction.sender,
            feeCover: 1 << 80)
        _ = state.add(transaction, standing, Rules())
        #expect(!mayCheck(state))
        _ = state.pool.settle(height: 1, [transaction]) { _ in false }
        #expect(mayCheck(state))
    }
}
