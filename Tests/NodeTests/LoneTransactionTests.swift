import Execution
import Glibc
import Ledger
import Replica
import Testing

@testable import Node

/// A transaction that comes alone to a node at rest.
@Suite struct LoneTransactionTests {
    private let payee = Address(high: 7, middle: 7, low: 7)

    private struct Answered: Sendable {
        let answer: Result<Hash32, PoolRefusal>
        var isRefused: Bool { if case .failure = answer { true } else { false } }
        /// Whether the thread that brought the transaction gave it.
        let isHere: Bool
    }

    private func submit(_ raw: [UInt8], to node: Node) -> Answered {
        let caller = pthread_self()
        let answered = Locked(Answered?.none)
        node.submit([raw]) { answers in
            let isHere = pthread_equal(caller, pthread_self()) != 0
            answered.withSignal { $0 = Answered(answer: answers[0], isHere: isHere) }
        }
        return answered.wait { $0.map { .done($0) } ?? .again(nil) }
    }

    /// Submits a payment, waits for its block, and until the node is at rest again.
    private func pay(_ nonce: UInt64, on node: Node) -> Bool {
        let sent = submit(TestNode.transfer(from: 2, nonce: nonce, to: payee), to: node)
        guard case .success(let hash) = sent.answer else { return false }
        let found = Locked(false)
        node.wait(for: hash, .executed, timeoutMillis: 20_000) { outcome in
            if case .found = outcome { found.withSignal { $0 = true } }
        }
        return found.wait { $0 ? .done(sent.isHere) : .again(nil) }
    }

    @Test func `it is checked by who brings it, once a block`() throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        for nonce in 0..<3 as Range<UInt64> { #expect(pay(nonce, on: test.node)) }

        let first = submit([2, 0xC0], to: test.node)
        #expect(first.isHere && first.isRefused)
        // No block came of that, so that the next one is the workers'.
        let second = submit([2, 0xC0], to: test.node)
        #expect(!second.isHere && second.isRefused)
        #expect(!pay(3, on: test.node))
        #expect(pay(4, on: test.node))
    }

    @Test func `what is on the disk is read by the workers`() throws {
        let folder = TemporaryFolder()
        do {
            let test = try TestNode(in: folder)
            for nonce in 0..<2 as Range<UInt64> { #expect(pay(nonce, on: test.node)) }
            test.node.stop()
        }
        let again = try TestNode(in: folder)
        defer { again.node.stop() }
        // Neither the account is in memory, nor the block in which its first transaction was.
        let repeated = TestNode.transfer(from: 2, nonce: 0, to: payee)
        let known = submit(repeated, to: again.node)
        #expect(!known.isHere)
        #expect(known.answer == .failure(.alreadyKnown(Keccak256.hash(repeated))))
        #expect(!pay(2, on: again.node))
        let other = TestNode.transfer(from: 2, nonce: 0, to: payee, value: 2)
        let foreign = submit(other, to: again.node)
        #expect(!foreign.isHere)
        #expect(foreign.answer == .failure(.nonceTooLow(given: 0, next: 3)))
    }
}
