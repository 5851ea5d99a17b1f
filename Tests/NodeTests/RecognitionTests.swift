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
        func wasExecuted(_ hash: Hash32, _ reads: inout Int) -> Bool {
            asked.append(hash)
            return hash == executed.hash
        }
        #expect(!recognition.isDone)
        recognition.look(atMost: 1, reads: 1, wasExecuted: wasExecuted)
        #expect(asked == [foreign.hash] && !recognition.isDone)
        recognition.look(atMost: 4, reads: 1, wasExecuted: wasExecuted)
        #expect(asked == [foreign.hash, executed.hash] && recognition.isDone)
        let known = Intake.Answer.failure(.alreadyKnown(executed.hash))
        #expect(recognition.answers == [taken, tooLow, known, known, tooLow])
    }

    @Test func `a turn ends after a few blocks, whatever was found in them`() throws {
        let all = try (1...6).map { try verified(value: UInt128($0)) }
        var recognition = Recognition(
            all.map { _ in .failure(.nonceTooLow(given: 0, next: 1)) },
            of: all.map { .success($0) })
        var asked = 0
        // The first is not in the index, the second was skipped, of the third two blocks are read.
        func wasExecuted(_ hash: Hash32, _ reads: inout Int) -> Bool {
            asked += 1
            if hash != all[0].hash { reads += hash == all[2].hash ? 2 : 1 }
            return hash != all[0].hash && hash != all[1].hash
        }
        recognition.look(atMost: 6, reads: 2, wasExecuted: wasExecuted)
        #expect(asked == 3 && !recognition.isDone)
        recognition.look(atMost: 6, reads: 2, wasExecuted: wasExecuted)
        #expect(asked == 5 && !recognition.isDone)
        recognition.look(atMost: 6, reads: 2, wasExecuted: wasExecuted)
        #expect(asked == 6 && recognition.isDone)
        let tooLow = Intake.Answer.failure(.nonceTooLow(given: 0, next: 1))
        #expect(recognition.answers.prefix(2) == [tooLow, tooLow])
        #expect(
            recognition.answers.dropFirst(2)
                == all.dropFirst(2).map { .failure(.alreadyKnown($0.hash)) }[...])
    }

    @Test func `without a signer nothing is unclear`() {
        let refusal = PoolRefusal.nonceTooLow(given: 0, next: 1)
        #expect(Recognition([.failure(refusal)], of: [.failure(refusal)]).isDone)
        #expect(Recognition([], of: []).isDone)
    }
}
