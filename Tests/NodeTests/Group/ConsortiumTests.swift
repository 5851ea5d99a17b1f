import Execution
import Ledger
import Testing
import Tokens

@testable import Node

@Suite(.serialized) struct ConsortiumTests {
    private let payee = Address(high: 1, middle: 2, low: 3)

    private func transfers(_ nonces: Range<UInt64>, from account: Int = 7) -> [[UInt8]] {
        nonces.map { TestNode.transfer(from: account, nonce: $0, to: payee) }
    }

    private func balance(_ node: Node) -> UInt128 {
        node.withMachine { $0.tokens.balance(of: payee, in: .dip) }
    }

    @Test func `three banks execute and certify the same blocks, whoever is asked`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        for index in 0..<3 {
            let first = UInt64(index) * 10
            try await consortium.run(transfers(first..<(first + 10)), on: index, .certified)
        }
        try await consortium.settle()
        for node in consortium.nodes.values { #expect(balance(node) == 30) }
        await consortium.stopAll()
    }

    @Test func `payments go on without the leader, and it catches up`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        try await consortium.run(transfers(0..<5), on: 0)
        let leader = try await consortium.leader()
        await consortium.stop(leader)
        let other = (leader + 1) % 3
        _ = try await consortium.leader()
        try await consortium.run(transfers(5..<20), on: other, .certified)
        try await consortium.start(leader)
        try await consortium.settle()
        #expect(balance(try #require(consortium.nodes[leader])) == 20)
        await consortium.stopAll()
    }

    @Test func `one bank of three decides nothing`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        let leader = try await consortium.leader()
        for index in 0..<3 where index != leader { await consortium.stop(index) }
        let node = try #require(consortium.nodes[leader])
        let answers = await withCheckedContinuation { continuation in
            node.submit(transfers(0..<1)) { continuation.resume(returning: $0) }
        }
        let hash = try answers[0].get()
        let outcome = await withCheckedContinuation { continuation in
            node.wait(for: hash, .executed, timeoutMillis: 1_500) {
                continuation.resume(returning: $0)
            }
        }
        guard case .timedOut = outcome else {
            Issue.record("a payment without a majority: \(outcome)")
            return
        }
        await consortium.stopAll()
    }
}
