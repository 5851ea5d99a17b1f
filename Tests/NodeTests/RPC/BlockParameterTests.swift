import Execution
import Gateway
import JSON
import Ledger
import Testing

/// What Ethereum's published tests (github.com/ethereum/execution-apis) expect of blocks that are named,
/// and of ranges of them.
struct BlockParameterTests {
    @Test func `a range behind the last block is not answered with nothing`() async throws {
        try await RPCTestNode.with { node async throws in
            for _ in 0..<3 { try await node.send(from: 1, to: node.keys[2], value: 5) }
            for range in [
                ["fromBlock": "0x3", "toBlock": "0x2"], ["fromBlock": "0x2", "toBlock": "0x4"],
                ["fromBlock": "0x8", "toBlock": "0x9"],
                // Without a beginning it is the last block, with whatever name.
                ["toBlock": "0x2"], ["fromBlock": "latest", "toBlock": "0x2"],
                ["fromBlock": "0x2", "toBlock": "earliest"],
            ] as [JSON] {
                #expect(try await node.failure("eth_getLogs", range).code == -32602)
            }
            // What those ask for who have seen all so far.
            let next: JSON = ["fromBlock": "0x4", "toBlock": "latest"]
            #expect(try await node.call("eth_getLogs", next) == [])
            // A filter may wait for what is to come.
            let filter = try await node.call("eth_newFilter", ["toBlock": "0x9"])
            #expect(try await node.call("eth_getFilterLogs", filter).array?.count == 2)
        }
    }

    @Test func `one of several topics that is null lets anything through`() async throws {
        try await RPCTestNode.with { node async throws in
            let receipt = try await node.send(from: 1, to: node.keys[2], value: 5)
            let all = try #require(receipt["logs"])
            let other = JSON.data(Hash32(1, 2, 3, 4).bytes)
            let wide = [.array([.array([other, nil])]), [[nil]], [[]]] as [JSON]
            for topics in wide {
                #expect(try await node.call("eth_getLogs", ["topics": topics]) == all)
            }
            let none = JSON.array([.array([other])])
            #expect(try await node.call("eth_getLogs", ["topics": none]) == [])
        }
    }

    @Test func `the pending block is not the last one`() async throws {
        try await RPCTestNode.with { node async throws in
            try await node.send(from: 1, to: node.keys[2], value: 5)
            let method = "eth_getTransactionByBlockNumberAndIndex"
            #expect(try await node.call(method, "latest", "0x0").object != nil)
            #expect(try await node.call(method, "pending", "0x0").isNull)
            #expect(try await node.call("eth_getBlockReceipts", "latest").array?.count == 1)
            #expect(try await node.call("eth_getBlockReceipts", "pending").isNull)
            #expect(try await node.call("eth_getUncleCountByBlockNumber", "0x1") == "0x0")
            #expect(try await node.call("eth_getUncleCountByBlockNumber", "0x9").isNull)
        }
    }

    @Test func `code and storage are those of a block that is there`() async throws {
        try await RPCTestNode.with { node async throws in
            let orders = JSON.data(Address.orders.bytes)
            #expect(try await node.call("eth_getCode", orders, "latest") == "0xfe")
            #expect(try await node.failure("eth_getCode", orders, "0x9").code == -32000)
            #expect(try await node.failure("eth_getCode", orders, "soon").code == -32602)
            let method = "eth_getStorageAt"
            let zero = JSON.data(Hash32.zero.bytes)
            #expect(try await node.call(method, orders, "0x0", "latest") == zero)
            #expect(try await node.call(method, orders, zero, "latest") == zero)
            #expect(try await node.failure(method, orders, "0x0", "0x9").code == -32000)
            let long = "0x0" + String(repeating: "0", count: 64)
            for slot in ["zz", "0xz", .string(long)] as [JSON] {
                #expect(try await node.failure(method, orders, slot, "latest").code == -32602)
            }
        }
    }

    @Test func `the price after a block is what the next one has`() async throws {
        try await RPCTestNode.with { node async throws in
            let change = IGovernance.Change.setParameter(name: "gasPrice", value: 2_000_000_000)
            var call = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
            call.write(change.kind)
            call.write(bytes: IGovernance.Proposal(change, from: 0).data)
            call.write(UInt64.max)
            #expect(
                try await node.send(from: 0, to: .treasury, data: call.finish())["status"]
                    == "0x1")
            // The decision holds from a later block on.
            for _ in 0..<3 { try await node.send(from: 1, to: node.keys[2], value: 5) }
            #expect(try await node.call("eth_gasPrice") == "0x77359400")
            let old = try await node.call("eth_feeHistory", "0x1", "0x0")
            #expect(old["baseFeePerGas"] == ["0x3b9aca00", "0x3b9aca00"])
            let last = try await node.call("eth_feeHistory", "0x1", "latest")
            #expect(last["baseFeePerGas"]?[1] == "0x77359400")
        }
    }

    @Test func `percentiles rise from 0 to 100`() async throws {
        try await RPCTestNode.with { node async throws in
            let history = try await node.call(
                "eth_feeHistory", "0x1", "latest", [0, .number("2.5"), 100])
            #expect(history["reward"]?[0]?.array?.count == 3)
            for percentiles in [[50, 10], [101], [-1], ["50"], "50"] as [JSON] {
                let error = try await node.failure(
                    "eth_feeHistory", "0x1", "latest", percentiles)
                #expect(error.code == -32602)
            }
        }
    }
}
