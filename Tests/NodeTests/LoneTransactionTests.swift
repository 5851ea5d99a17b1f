import Execution
import Glibc
import Ledger
import Replica
import TestSupport
import Testing
import Threads

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
    ///
    /// - Returns: whether the thread that brought it checked it.
    private func pay(_ nonce: UInt64, on node: Node) throws -> Bool {
        let sent = submit(TestNode.transfer(from: 2, nonce: nonce, to: payee), to: node)
        let hash = try sent.answer.get()
        let outcome = Locked(Awaited?.none)
        node.wait(for: hash, .executed, timeoutMillis: 120_000) { seen in
            outcome.withSignal { $0 = seen }
        }
        let seen = outcome.wait { $0.map { .done($0) } ?? .again(nil) }
        guard case .found = seen else {
            Issue.record("payment \(nonce) was dropped or timed out")
            return false
        }
        return sent.isHere
    }

    /// Pays from a nonce on until the thread that brought a payment checked it; the next nonce.
    ///
    /// Once is mostly enough. But the block before may still have the state looked at behind its answer, and who
    /// comes then does not wait for that.
    private func payHere(from first: UInt64, on node: Node) throws -> UInt64 {
        for nonce in first..<(first + 20) where try pay(nonce, on: node) { return nonce + 1 }
        Issue.record("none of twenty was checked by who brought it")
        return first + 20
    }

    @Test func `it is checked by who brings it, once a block`() throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        var next: UInt64 = 0
        for _ in 0..<3 { next = try payHere(from: next, on: test.node) }

        let first = submit([2, 0xC0], to: test.node)
        #expect(first.isHere && first.isRefused)
        // No block came of that, so that the next one is the workers'.
        let second = submit([2, 0xC0], to: test.node)
        #expect(!second.isHere && second.isRefused)
        #expect(try !pay(next, on: test.node))
        _ = try payHere(from: next + 1, on: test.node)
    }

    @Test func `what is on the disk is read by the workers`() throws {
        let folder = TemporaryFolder()
        do {
            let test = try TestNode(in: folder)
            for nonce in 0..<2 as Range<UInt64> { _ = try pay(nonce, on: test.node) }
            test.node.stop()
        }
        let again = try TestNode(in: folder)
        defer { again.node.stop() }
        // Neither the account is in memory, nor the block in which its first transaction was.
        let repeated = TestNode.transfer(from: 2, nonce: 0, to: payee)
        let known = submit(repeated, to: again.node)
        #expect(!known.isHere)
        #expect(known.answer == .failure(.alreadyKnown(Keccak256.hash(repeated))))
        #expect(try !pay(2, on: again.node))
        let other = TestNode.transfer(from: 2, nonce: 0, to: payee, value: 2)
        let foreign = submit(other, to: again.node)
        #expect(!foreign.isHere)
        #expect(foreign.answer == .failure(.nonceTooLow(given: 0, next: 3)))
    }
}
