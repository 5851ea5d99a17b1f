import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct ReceiptMethodTests {
    @Test func `every wait of a large batch is answered, in its place`() async throws {
        try await RPCTestNode.with { node async throws in
            let receipt = try await node.send(from: 2, to: node.keys[3], value: 1)
            let hash = try #require(receipt["transactionHash"])
            let unknown = JSON.data(Hash32(1, 2, 3, 4).bytes)
            let answers = try await node.client.batch(
                (0..<100).map { number in
                    switch number % 3 {
                    case 0: .init("dip_waitForReceipt", [hash])
                    case 1: .init("dip_waitForReceipt", [unknown, "executed", 1])
                    default: .init("dip_waitForReceipt", ["0x12"])
                    }
                })
            #expect(answers.count == 100)
            for (number, answer) in answers.enumerated() {
                switch number % 3 {
                case 0: #expect(try answer.get()["transactionHash"] == hash)
                case 1: #expect(try answer.get() == .null)
                default: #expect(throws: ClientFault.self) { try answer.get() }
                }
            }
        }
    }

    @Test func `waits between other calls are answered, in their place`() async throws {
        try await RPCTestNode.with { node async throws in
            let receipt = try await node.send(from: 2, to: node.keys[3], value: 1)
            let hash = try #require(receipt["transactionHash"])
            let unknown = JSON.data(Hash32(1, 2, 3, 4).bytes)
            let answers = try await node.client.batch(
                (0..<200).map { number in
                    switch number % 4 {
                    case 0: .init("dip_waitForReceipt", [hash])
                    case 1: .init("dip_waitForReceipt", [unknown, "executed", 0])
                    case 2: .init("dip_waitForReceipt", [unknown, "certified", 1])
                    default: .init("eth_chainId", [])
                    }
                })
            #expect(answers.count == 200)
            for (number, answer) in answers.enumerated() {
                switch number % 4 {
                case 0: #expect(try answer.get()["transactionHash"] == hash)
                case 1, 2: #expect(try answer.get() == .null)
                default: #expect(try answer.get() == "0xd1b")
                }
            }
        }
    }

    @Test func `a batch of waits sees the block that comes`() async throws {
        try await RPCTestNode.with { node async throws in
            let raw = TestNode.transfer(from: 4, nonce: 0, to: node.keys[3])
            let hash = JSON.data(Keccak256.hash(raw).bytes)
            let client = node.client
            async let answers = client.batch(
                (0..<50).map { _ in .init("dip_waitForReceipt", [hash, "executed", 20_000]) })
            try await node.call("eth_sendRawTransaction", .data(raw))
            for answer in try await answers {
                #expect(try answer.get()["transactionHash"] == hash)
            }
        }
    }
}
