import Execution
import Ledger
import Replica
import Testing

@testable import Node

@Suite struct RecognitionTests {
    private func verified(value: UInt128) throws -> VerifiedTransaction {
        try VerifiedTransaction.verify(
            TestNode.transfer(
                from: 1, nonce: 0, to: Address(high: 1, middle: 2, low: 3), value: value),
            chainID: Genesis.developmentChainID)
    }

    @Test func `each transaction is looked up once, a few at a time`() throws {
        let (executed, foreign) = (try verified(value: 1), try verified(value: 2))
        let tooLow = Intake.Answer.failure(.nonceTooLow(given: 0, next: 1))
        let taken = Intake.Answer.success(.zero)
        let order = [executed, foreign, executed, executed, foreign]
        var recognition = Recognition(
            [taken, tooLow, tooLow, tooLow, tooLow],
            of: order.map { .success($0) })
        var asked: [Hash32] = []
        func wasExecuted(_ hash: Hash32) -> Bool {
            asked.append(hash)
            return hash == executed.hash
        }
        #expect(!recognition.isDone)
        recognition.look(atMost: 1, wasExecuted: wasExecuted)
        #expect(asked == [foreign.hash] && !recognition.isDone)
        recognition.look(atMost: 4, wasExecuted: wasExecuted)
        #expect(asked == [foreign.hash, executed.hash] && recognition.isDone)
        let known = Intake.Answer.failure(.alreadyKnown(executed.hash))
        #expect(recognition.answers == [taken, tooLow, known, known, tooLow])
    }

    @Test func `without a signer nothing is unclear`() {
        let refusal = PoolRefusal.nonceTooLow(given: 0, next: 1)
        #expect(Recognition([.failure(refusal)], of: [.failure(refusal)]).isDone)
        #expect(Recognition([], of: []).isDone)
    }
}
