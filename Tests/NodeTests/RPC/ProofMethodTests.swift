import Execution
import Gateway
import JSON
import Ledger
import Testing
import Tokens

@testable import Node

/// Proofs as a running node gives them; `ProofTests` has what is checked of them.
struct ProofMethodTests {
    /// Runs a test with a node whose states are certified every two blocks.
    private func withNode(_ body: (RPCTestNode) async throws -> Void) async throws {
        try await RPCTestNode.with(
            configure: { $0.genesis.checkpointInterval = 2 }, body)
    }

    private func certified(_ node: RPCTestNode, _ receipt: JSON) async throws -> JSON {
        let hash = try #require(receipt["transactionHash"])
        try await node.call("dip_waitForReceipt", hash, "certified")
        return hash
    }

    private func propose(_ change: IGovernance.Change) -> [UInt8] {
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(change.kind)
        writer.write(bytes: IGovernance.Proposal(change, from: 0).data)
        writer.write(UInt64.max)
        return writer.finish()
    }

    @Test func `a node proves what it answered`() async throws {
        try await withNode { node async throws in
            let genesis = node.test.node.genesis
            let receipt = try await node.send(from: 1, to: node.keys[2], value: 5)
            let hash = try await certified(node, receipt)
            let document = try ProofDocument(try await node.call("dip_proof", hash))
            guard case .receipt(let proven) = try document.verify(with: genesis) else {
                Issue.record("no receipt")
                return
            }
            #expect(.data(proven.hash.bytes) == receipt["blockHash"])
            #expect(proven.transaction.map { .data($0.hash.bytes) } == hash)
            #expect(proven.transaction?.sender == node.keys[1])
            #expect(proven.record.outcome == .done)
            #expect(try await node.call("dip_proof", .data(Hash32.zero.bytes)) == .null)
        }
    }

    @Test func `a proof shows how the banks changed`() async throws {
        try await withNode { node async throws in
            let genesis = node.test.node.genesis
            // The bank's own operator gets a key of its own, and governs with it from then on.
            try await node.send(
                from: 0, to: .treasury,
                data: propose(
                    .rotateKey(
                        bank: node.keys[0], which: .operator, key: node.keys[5])))
            let second = try await node.send(
                from: 5, to: .treasury,
                data: propose(.setParameter(name: "stepLimit", value: 77)))
            #expect(second["status"] == "0x1")
            let hash = try await certified(node, second)
            let document = try ProofDocument(try await node.call("dip_proof", hash))
            guard case .receipt(let proof) = document.content,
                case .receipt(let proven) = try document.verify(with: genesis)
            else {
                Issue.record("no receipt")
                return
            }
            #expect(proof.history.changes.count == 1)
            #expect(proven.banks.banks.map(\.operator) == [node.keys[5]])
            let consortium = try await node.call("dip_consortium")
            #expect(
                consortium[path: "validators", "0", "operator"]?.address == node.keys[5])
        }
    }

    @Test func `a node proves balances once a state is certified`() async throws {
        try await withNode { node async throws in
            let genesis = node.test.node.genesis
            let account = JSON.data(node.keys[2].bytes)
            let early = try await node.failure("dip_balanceProof", account)
            #expect(early.message.contains("no state is certified here yet"))
            var receipt = JSON.null
            for _ in 0..<4 {
                receipt = try await node.send(from: 1, to: node.keys[2], value: 5)
            }
            _ = try await certified(node, receipt)
            let document = try ProofDocument(try await node.call("dip_balanceProof", account))
            guard case .balance(let proven) = try document.verify(with: genesis) else {
                Issue.record("no balance")
                return
            }
            #expect(proven.key == TokenID.dip.balanceKey(node.keys[2]))
            #expect(proven.height == 2)
            let endowed = genesis.allocations.first { $0.account == node.keys[2] }?.amount.units
            #expect(proven.cell.amount == endowed.map { $0 + 10 })
            let nobody = JSON.data(Address(high: 1, middle: 2, low: 3).bytes)
            let none = try await node.failure("dip_balanceProof", nobody)
            #expect(none.message.contains("had nothing of the token"))
            #expect(
                try await node.failure("dip_balanceProof", account, account).code == -32602)
        }
    }
}
