import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct SynchronousSendingTests {
    private static let method = "eth_sendRawTransactionSync"

    @Test func `a transaction sent and waited for is answered with its receipt`() async throws {
        try await RPCTestNode.with { node async throws in
            let raw = TestNode.transfer(from: 2, nonce: 0, to: node.keys[3])
            let receipt = try await node.call(Self.method, .data(raw))
            let hash = JSON.data(Keccak256.hash(raw).bytes)
            #expect(receipt["transactionHash"] == hash)
            #expect(receipt["status"] == "0x1")
            #expect(receipt == (try await node.call("eth_getTransactionReceipt", hash)))
            #expect(receipt["output"] == nil)
        }
    }

    @Test func `what a receipt names can be read, is certified, and can be proved at once`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            for nonce in UInt64(0)..<20 {
                let raw = TestNode.transfer(from: 2, nonce: nonce, to: node.keys[3])
                let receipt = try await node.call(Self.method, .data(raw))
                let hash = try #require(receipt["transactionHash"])
                let finalized = try await node.call("eth_getBlockByNumber", "finalized", false)
                #expect(finalized["hash"] == receipt["blockHash"])
                // It waits for the signature, which comes behind the answer.
                let document = try ProofDocument(try await node.call("dip_proof", hash))
                guard case .receipt(let proven) = try document.verify(with: node.test.node.genesis)
                else {
                    Issue.record("no receipt")
                    return
                }
                #expect(.data(proven.hash.bytes) == receipt["blockHash"])
            }
        }
    }

    @Test func `one that is sent again is executed once, and gives the same receipt`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            let raw = JSON.data(TestNode.transfer(from: 2, nonce: 0, to: node.keys[3]))
            let client = node.client
            let answers = try await client.batch(
                (0..<20).map { _ in .init(Self.method, [raw]) })
            let receipts = try answers.map { try $0.get() }
            #expect(receipts.allSatisfy { $0 == receipts[0] })
            #expect(try await node.call(Self.method, raw) == receipts[0])
            #expect(node.test.node.head.header.height == 1)
        }
    }

    @Test func `many that were executed in blocks of their own are answered in their places`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            let raws = (0..<40).map {
                TestNode.transfer(from: 2, nonce: UInt64($0), to: node.keys[3])
            }
            for raw in raws { _ = try await node.call(Self.method, .data(raw)) }
            let answers = try await node.client.batch(
                raws.map { .init(Self.method, [.data($0)]) })
            for (raw, answer) in zip(raws, answers) {
                let hash = JSON.data(Keccak256.hash(raw).bytes)
                #expect(try answer.get()["transactionHash"] == hash)
            }
            #expect(node.test.node.head.header.height == 40)
        }
    }

    @Test func `one whose nonce lies ahead is taken, and its sender told which one is missing`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            let raw = TestNode.transfer(from: 2, nonce: 1, to: node.keys[3])
            let error = try await node.failure(Self.method, .data(raw))
            #expect(error.code == 5)
            #expect(error.message.contains("next nonce is 0"))
            let hash = JSON.data(Keccak256.hash(raw).bytes)
            #expect(error.data == hash)
            // With the one before it both are executed.
            let before = TestNode.transfer(from: 2, nonce: 0, to: node.keys[3])
            #expect(try await node.call(Self.method, .data(before))["status"] == "0x1")
            #expect(try await node.call(Self.method, .data(raw))["transactionHash"] == hash)
        }
    }

    @Test(arguments: ["0x0", "0xffffffffffff", "soon"] as [JSON])
    func `a time that cannot be kept to is replaced by the node's own`(timeout: JSON) async throws {
        try await RPCTestNode.with { node async throws in
            let raw = TestNode.transfer(from: 2, nonce: 0, to: node.keys[3])
            let receipt = try await node.call(Self.method, .data(raw), timeout)
            #expect(receipt["status"] == "0x1")
        }
    }

    @Test func `what the pool refuses is refused as ever, each in its place of a batch`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            let good = TestNode.transfer(from: 2, nonce: 0, to: node.keys[3])
            let answers = try await node.client.batch([
                .init(Self.method, [.data([1])]),
                .init(Self.method, [.data(good)]),
                .init(Self.method, ["nonsense"]),
                .init(Self.method, []),
            ])
            #expect(throws: ClientFault.self) { try answers[0].get() }
            #expect(try answers[1].get()["status"] == "0x1")
            #expect(throws: ClientFault.self) { try answers[2].get() }
            #expect(throws: ClientFault.self) { try answers[3].get() }
            #expect(try await node.failure(Self.method, .data([1])).code == -32000)
            #expect(try await node.failure(Self.method, "nonsense").code == -32602)
            #expect(try await node.failure(Self.method).code == -32602)
        }
    }
}
