import Execution
import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct LargeRangeTests {
    /// Pays many accounts at once from key 0.
    private func payBatch(_ node: RPCTestNode, _ token: Address, _ payees: [Address]) async throws {
        var writer = ABIWriter(selector: 0x3b3e_672f, words: 2)
        writer.write(array: payees)
        writer.write(array: payees.map { _ in UInt128(1) })
        let receipt = try await node.send(from: 0, to: token, data: writer.finish())
        #expect(receipt["status"] == "0x1")
    }

    @Test func `a block with more topics than are indexed is found by each of them`() async throws {
        try await RPCTestNode.with { node async throws in
            let token = try await node.issueToken()
            for batch in 0..<2 as Range<UInt64> {
                try await payBatch(
                    node, token,
                    (1...1_100).map { Address(high: 1, middle: batch, low: $0) })
            }
            let items = LogItems.items(of: node.test.node.head)
            #expect(items.contains(LogItems.dense))
            #expect(items.count < 20)
            let payee = Hash32(word: Address(high: 1, middle: 1, low: 500))
            let found = try await node.call(
                "eth_getLogs",
                ["fromBlock": "earliest", "topics": [nil, nil, .data(payee.bytes)]])
            #expect(found.array?.count == 1)
            #expect(found[0]?["logIndex"] == .quantity(499))
        }
    }

    @Test func `answers that are too large are refused with a range that fits`() async throws {
        var limits = RPCLimits()
        limits.logs = 15
        limits.rangeBlocks = 10
        try await RPCTestNode.with(limits: limits) { node async throws in
            for _ in 0..<9 { try await node.send(from: 1, to: node.keys[2], value: 5) }
            let all: JSON = ["fromBlock": "0x0", "toBlock": "latest"]
            let error = try await node.failure("eth_getLogs", all)
            #expect(error.code == -32005)
            #expect(
                error.message
                    == "the range has more than 15 such logs: ask for blocks 0 to 7 first")
            let some: JSON = ["fromBlock": "0x0", "toBlock": "0x7"]
            #expect(try await node.call("eth_getLogs", some).array?.count == 14)
            // A block of its own is given whole, however much it has.
            let token = try await node.issueToken()
            try await payBatch(node, token, (1...30).map { Address(high: 9, middle: 9, low: $0) })
            let last: JSON = ["fromBlock": "latest"]
            #expect(try await node.call("eth_getLogs", last).array?.count == 31)
            let far = try await node.failure("eth_getLogs", all)
            #expect(far.message == "a range has at most 10 blocks: ask for 0 to 9 first")
        }
    }

    @Test func `a filter hands out whole blocks, as many as fit`() async throws {
        var limits = RPCLimits()
        limits.logs = 5
        try await RPCTestNode.with(limits: limits) { node async throws in
            let id = try await node.call("eth_newFilter", ["fromBlock": "0x1"])
            var wanted: [JSON] = []
            for _ in 0..<6 {
                wanted += try await node.send(from: 1, to: node.keys[2], value: 5)["logs"]!.array!
            }
            var found: [JSON] = []
            var last: [JSON] = []
            repeat {
                last = try await node.call("eth_getFilterChanges", id).array!
                #expect(last.count <= 6)
                found += last
            } while !last.isEmpty
            #expect(found == wanted)
        }
    }

    @Test func `a client that reads late gets all events`() async throws {
        var limits = RPCLimits()
        limits.streamBytes = 2_000
        limits.streamEvents = 10
        try await RPCTestNode.with(limits: limits) { node async throws in
            let token = try await node.issueToken()
            for batch in 0..<8 as Range<UInt64> {
                try await payBatch(
                    node, token, (1...100).map { Address(high: 1, middle: batch, low: $0) })
            }
            let socket = try await RPCWebSocket.connect(node.endpoint)
            _ = try await socket.call("dip_subscribe", ["events", ["cursor": "0:0"]])
            let all = try await node.call("dip_events", "0:0", nil, 10_000)["events"]!.array!
            #expect(all.count > 800)
            var received: [JSON] = []
            while received.count < all.count, let next = try await socket.next() {
                received += next.result.array!
            }
            #expect(received == all)
            await socket.close()
        }
    }

    @Test func `the longest unused filter goes when there are too many`() async throws {
        var limits = RPCLimits()
        limits.filters = 2
        try await RPCTestNode.with(limits: limits) { node async throws in
            let first = try await node.call("eth_newBlockFilter")
            let second = try await node.call("eth_newBlockFilter")
            try await node.call("eth_getFilterChanges", first)
            _ = try await node.call("eth_newBlockFilter")
            try await node.call("eth_getFilterChanges", first)
            #expect(try await node.failure("eth_getFilterChanges", second).code == -32000)
        }
    }
}
