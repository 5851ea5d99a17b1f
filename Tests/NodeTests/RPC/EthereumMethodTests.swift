import Execution
import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct EthereumMethodTests {
    @Test func `every described method is there, and every method is described`() async throws {
        try await RPCTestNode.with { node async throws in
            let methods = rpcMethods(for: node.test.node)
            let names = adminMethods(for: node.test.node, adding: methods).names
            #expect(MethodDescription.all.map(\.name).sorted() == names)
            let document = try await node.call("rpc.discover")
            let described = document["methods"]?.array?.compactMap { $0["name"]?.string }
            #expect(described?.sorted() == names)
            // The port for everybody has all but those on the socket file.
            let onSocket = MethodDescription.administration.map(\.name).sorted()
            #expect(names.filter { !methods.names.contains($0) } == onSocket)
        }
    }

    @Test func `wallets learn chain, height and price`() async throws {
        try await RPCTestNode.with { node async throws in
            #expect(try await node.call("eth_chainId") == "0xd1b")
            #expect(try await node.call("net_version") == "3355")
            #expect(try await node.call("eth_blockNumber") == "0x0")
            #expect(try await node.call("eth_gasPrice") == "0x3b9aca00")
            #expect(try await node.call("eth_maxPriorityFeePerGas") == "0x0")
            #expect(try await node.call("eth_syncing") == false)
            #expect(try await node.call("eth_accounts") == [])
            #expect(
                try await node.call("web3_sha3", "0x")
                    == "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
            let error = try await node.failure("eth_sendTransaction", [:])
            #expect(error.message.contains("eth_sendRawTransaction"))
        }
    }

    @Test func `a payment has a transaction, a receipt, a block, logs`() async throws {
        try await RPCTestNode.with { node async throws in
            let payee = Address(high: 1, middle: 2, low: 3)
            let receipt = try await node.send(from: 1, to: payee, value: 5)
            #expect(receipt["status"] == "0x1")
            #expect(receipt["gasUsed"] == "0x5208")
            #expect(receipt["cumulativeGasUsed"] == "0x5208")
            #expect(receipt["effectiveGasPrice"] == "0x3b9aca00")
            #expect(receipt["from"] == .data(node.keys[1].bytes))
            #expect(receipt["to"] == .data(payee.bytes))
            #expect(receipt["contractAddress"] == .null)
            #expect(receipt["type"] == "0x2")

            // The value's Transfer and the fee's.
            let logs = try #require(receipt["logs"]?.array)
            #expect(logs.count == 2)
            #expect(logs.map { $0["address"]?.address } == [.dip, .dip])
            #expect(logs.map { $0["logIndex"] } == ["0x0", "0x1"])
            #expect(logs[0][path: "topics", "2"]?.hash == Hash32(word: payee))

            let hash = try #require(receipt["transactionHash"])
            var plain = receipt.object!
            plain.removeAll { $0.name == "output" }
            #expect(try await node.call("eth_getTransactionReceipt", hash) == .object(plain))

            let transaction = try await node.call("eth_getTransactionByHash", hash)
            #expect(transaction["from"] == receipt["from"])
            #expect(transaction["value"] == "0x5")
            #expect(transaction["gasPrice"] == "0x3b9aca00")
            #expect(transaction["maxFeePerGas"] == "0x77359400")
            #expect(transaction["accessList"] == [])
            #expect(transaction["blockHash"] == receipt["blockHash"])

            let height = try #require(receipt["blockNumber"])
            let block = try await node.call("eth_getBlockByNumber", height, true)
            #expect(block["hash"] == receipt["blockHash"])
            #expect(block["transactions"] == [transaction])
            #expect(block["baseFeePerGas"] == "0x3b9aca00")
            #expect(block["extraData"]?.data?.count ?? 99 <= 32)
            #expect(block["logsBloom"] == receipt["logsBloom"])
            #expect(block["uncles"] == [])
            for name in [
                "sha3Uncles", "nonce", "mixHash", "miner", "size", "stateRoot", "difficulty",
                "timestamp", "timestampMillis", "parentHash", "receiptsRoot", "transactionsRoot",
            ] {
                #expect(block[name]?.string != nil, "\(name)")
            }
            let byHash = try await node.call("eth_getBlockByHash", block["hash"]!, false)
            #expect(byHash["transactions"] == [hash])
            #expect(try await node.call("eth_getBlockReceipts", height) == [.object(plain)])
            #expect(
                try await node.call("eth_getBlockTransactionCountByNumber", height) == "0x1")
            #expect(
                try await node.call("eth_getTransactionByBlockNumberAndIndex", height, "0x0")
                    == transaction)
            #expect(
                try await node.call("eth_getTransactionByBlockHashAndIndex", block["hash"]!, 1)
                    == .null)
            #expect(try await node.call("eth_getLogs", ["fromBlock": height]) == .array(logs))
        }
    }

    @Test func `a legacy transaction keeps the fields that its signature covers`() async throws {
        try await RPCTestNode.with { node async throws in
            let raw = Transaction(
                kind: .legacy, chainID: 3355, nonce: 0, maxFeePerGas: 3_000_000_000,
                gasLimit: 21_000, to: node.keys[3], value: 1
            ).sign(with: DevelopmentKeys.key(2)!)
            let hash = try await node.call("eth_sendRawTransaction", .data(raw))
            try await node.call("dip_waitForReceipt", hash, "executed", 20_000)
            let found = try await node.call("eth_getTransactionByHash", hash)
            #expect(found["type"] == "0x0")
            #expect(found["gasPrice"] == "0xb2d05e00")
            #expect(found["yParity"] == nil)
            #expect([6745, 6746].contains(found["v"]?.quantity))
        }
    }

    @Test func `what is not there is null`() async throws {
        try await RPCTestNode.with { node async throws in
            let hash = JSON.data(Hash32(1, 2, 3, 4).bytes)
            #expect(try await node.call("eth_getTransactionByHash", hash) == .null)
            #expect(try await node.call("eth_getTransactionReceipt", hash) == .null)
            #expect(try await node.call("eth_getBlockByHash", hash, false) == .null)
            #expect(try await node.call("eth_getBlockByNumber", "0x99", false) == .null)
            #expect(try await node.call("eth_getBlockReceipts", "0x99") == .null)
            #expect(try await node.call("dip_order", 99) == .null)
            #expect(try await node.call("dip_proof", hash) == .null)
            #expect(try await node.call("dip_waitForReceipt", hash, "executed", 1) == .null)
        }
    }

    @Test func `genesis is a block`() async throws {
        try await RPCTestNode.with { node async throws in
            let block = try await node.call("eth_getBlockByNumber", "earliest", true)
            #expect(block["number"] == "0x0")
            #expect(block["transactions"] == [])
            #expect(try await node.call("eth_getBlockReceipts", "earliest") == [])
            let pending = try await node.call("eth_getBlockByNumber", "pending", true)
            #expect(pending["number"] == "0x1")
            #expect(pending["hash"] == .null)
            #expect(pending["parentHash"] == block["hash"])
        }
    }

    @Test func `balances and nonces are known for every block`() async throws {
        try await RPCTestNode.with { node async throws in
            let payee = JSON.data(Address(high: 1, middle: 2, low: 3).bytes)
            let sender = JSON.data(node.keys[1].bytes)
            for _ in 0..<3 {
                try await node.send(from: 1, to: Address(high: 1, middle: 2, low: 3), value: 5)
                try await node.send(from: 2, to: node.keys[3], value: 1)
            }
            let head = UInt64(try await node.call("eth_blockNumber").quantity!)
            var balances: [JSON] = []
            var nonces: [JSON] = []
            for height in 0...head {
                balances.append(try await node.call("eth_getBalance", payee, .quantity(height)))
                nonces.append(
                    try await node.call("eth_getTransactionCount", sender, .quantity(height)))
            }
            #expect(balances.first == "0x0")
            #expect(balances.last == "0xf")
            #expect(Set(balances.map { $0.string! }) == ["0x0", "0x5", "0xa", "0xf"])
            #expect(nonces.first == "0x0")
            #expect(nonces.last == "0x3")
            #expect(
                try await node.call("dip_balanceAt", sender, .data(Address.dip.bytes), 0)
                    == "1000000000000000000000000")
            let error = try await node.failure("eth_getBalance", payee, .quantity(head + 1))
            #expect(error.code == -32000)
            #expect(error.message.hasPrefix("header not found"))
        }
    }

    @Test func `a balance of long ago is walked to in as many calls as it takes`() async throws {
        var limits = RPCLimits()
        limits.walkBlocks = 2
        try await RPCTestNode.with(limits: limits) { node async throws in
            let payee = Address(high: 1, middle: 2, low: 3)
            var heights: [UInt64] = []
            for _ in 0..<6 {
                let receipt = try await node.send(from: 1, to: payee, value: 5)
                heights.append(UInt64(receipt["blockNumber"]!.quantity!))
                try await node.send(from: 2, to: node.keys[3], value: 1)
            }
            let question: [JSON] = [.data(payee.bytes), .data(Address.dip.bytes)]
            let target = JSON.integer(heights[0])
            let first = try await node.failure("dip_balanceAt", question[0], question[1], target)
            #expect(first.code == -32005)
            #expect(first.data?["next"] == .integer(heights[3]))
            let second = try await node.failure(
                "dip_balanceAt", question[0], question[1], target, .integer(heights[3]))
            #expect(second.data?["next"] == .integer(heights[1]))
            #expect(
                try await node.call(
                    "dip_balanceAt", question[0], question[1], target, .integer(heights[1])) == "5")
            // A block that did not change it is no place to go on from; one before the answer is passed over.
            let wrong = try await node.failure(
                "dip_balanceAt", question[0], question[1], target, .integer(heights[3] + 1))
            #expect(wrong.code == -32602)
            #expect(
                try await node.call(
                    "dip_balanceAt", question[0], question[1], .integer(heights[5]), 0) == "30")
        }
    }

    @Test func `a walk through large blocks ends where enough was read, and goes on from there`()
        async throws
    {
        var limits = RPCLimits()
        limits.walkBytes = 1
        try await RPCTestNode.with(limits: limits) { node async throws in
            let payee = Address(high: 1, middle: 2, low: 3)
            var heights: [UInt64] = []
            for _ in 0..<3 {
                let receipt = try await node.send(from: 1, to: payee, value: 5)
                heights.append(UInt64(receipt["blockNumber"]!.quantity!))
            }
            let error = try await node.failure(
                "dip_balanceAt", .data(payee.bytes), .data(Address.dip.bytes), .integer(heights[0]))
            #expect(error.code == -32005)
            #expect(error.message.hasPrefix("too much has to be read to come to block"))
            #expect(error.data?["next"] == .integer(heights[1]))
            #expect(
                try await node.call(
                    "dip_balanceAt", .data(payee.bytes), .data(Address.dip.bytes),
                    .integer(heights[0]), .integer(heights[1])) == "5")
            var page: JSON = [:]
            var told: [JSON] = []
            for _ in 0..<4 {
                let answer = try await node.call(
                    "dip_statement", .data(payee.bytes), nil, nil, page)
                let entries = try #require(answer["entries"]?.array)
                #expect(entries.count <= 1)
                told += entries.compactMap { $0["block"] }
                guard let next = answer["next"] else { break }
                page = ["cursor": next]
            }
            #expect(told == heights.reversed().map { .integer($0) })
            let early = try await node.failure(
                "dip_statement", .data(payee.bytes), nil, .integer(heights[0]))
            #expect(early.code == -32005)
        }
    }

    @Test func `a balance is also known by time`() async throws {
        try await RPCTestNode.with { node async throws in
            let payee = Address(high: 1, middle: 2, low: 3)
            for _ in 0..<3 {
                try await node.call("dip_advanceTime", 100)
                try await node.send(from: 1, to: payee, value: 5)
            }
            let question: [JSON] = [.data(payee.bytes), .data(Address.dip.bytes)]
            var balances: [String?] = []
            for height in 0...3 {
                let block = try await node.call(
                    "eth_getBlockByNumber", .quantity(UInt64(height)), false)
                let time = UInt64(block["timestamp"]!.quantity!)
                for second in [time, time + 1] {
                    balances.append(
                        try await node.call(
                            "dip_balanceAt", question[0], question[1],
                            ["time": .integer(second)]
                        ).string)
                }
            }
            #expect(balances == ["0", "0", "5", "5", "10", "10", "15", "15"])
        }
    }

    @Test func `calls give results, refusals with data, and say when a block is too old`()
        async throws
    {
        try await RPCTestNode.with { node async throws in
            let token = try await node.issueToken()
            let to = JSON.data(token.bytes)
            let balance = node.data(0x70a0_8231, Hash32(word: node.keys[0]))
            let read: JSON = ["to": to, "data": .data(balance)]
            #expect(
                try await node.call("eth_call", read, "latest")
                    == .data(Hash32(word: 1_000_000).bytes))
            // The balance before the token was there.
            #expect(
                try await node.call("eth_call", read, "0x0") == .data(Hash32(word: 0).bytes))
            let symbol: JSON = ["to": to, "input": .data(node.data(0x95d8_9b41))]
            let old = try await node.failure("eth_call", symbol, "0x0")
            #expect(old.message.hasPrefix("the state of block 0 is not kept for calls"))

            let transfer = node.data(
                0xa905_9cbb, Hash32(word: node.keys[1]), Hash32(word: 2_000_000))
            let refused = try await node.failure(
                "eth_call",
                ["from": .data(node.keys[0].bytes), "to": to, "data": .data(transfer)], "latest")
            #expect(refused.code == 3)
            #expect(
                refused.message
                    == "execution reverted: ERC20InsufficientBalance(\(node.keys[0]), 1000000, 2000000)"
            )
            #expect(refused.data?.data?.prefix(4) == [0xe4, 0x50, 0xd3, 0x8c])
            #expect(try await node.call("eth_getCode", to, "latest") == "0xfe")
            #expect(try await node.call("eth_getCode", .data(node.keys[0].bytes)) == "0x")
            #expect(try await node.call("eth_getStorageAt", to, "0x0", "latest").data?.count == 32)
        }
    }

    @Test func `gas is estimated exactly for payments, with room for cascades`() async throws {
        try await RPCTestNode.with { node async throws in
            let from = JSON.data(node.keys[0].bytes)
            let plain: JSON = ["from": from, "to": .data(node.keys[1].bytes), "value": "0x1"]
            #expect(try await node.call("eth_estimateGas", plain) == "0x5208")
            let much: JSON = [
                "from": from, "to": .data(node.keys[1].bytes),
                "value": "0xffffffffffffffffffffffff",
            ]
            let error = try await node.failure("eth_estimateGas", much)
            #expect(error.code == -32000)
            #expect(error.message.hasPrefix("insufficient funds for gas * price + value"))
            let creation: JSON = ["from": from, "data": "0x6000"]
            #expect(
                try await node.failure("eth_estimateGas", creation).message
                    == "execution reverted: NoContractCreation()")
            let token = try await node.issueToken()
            let transfer = node.data(0xa905_9cbb, Hash32(word: node.keys[1]), Hash32(word: 2))
            let call: JSON = ["from": from, "to": .data(token.bytes), "data": .data(transfer)]
            let gas = try #require(try await node.call("eth_estimateGas", call).quantity)
            let receipt = try await node.send(from: 0, to: token, data: transfer)
            #expect(receipt["gasUsed"]?.quantity == gas)
        }
    }

    @Test func `pool refusals are told in words that wallets know`() async throws {
        try await RPCTestNode.with { node async throws in
            let raw = TestNode.transfer(from: 0, nonce: 0, to: node.keys[1])
            let hash = try await node.call("eth_sendRawTransaction", .data(raw))
            try await node.call("dip_waitForReceipt", hash, "executed", 20_000)
            let again = try await node.failure("eth_sendRawTransaction", .data(raw))
            #expect(again.code == -32000)
            #expect(again.message.hasPrefix("already known"))
            #expect(again.data?["code"]?.integer == 1001)
            let gap = TestNode.transfer(from: 0, nonce: 0, to: node.keys[2])
            let low = try await node.failure("eth_sendRawTransaction", .data(gap))
            #expect(low.message.hasPrefix("nonce too low"))
            #expect(low.data?["name"] == "NonceTooLow")
            #expect(try await node.failure("eth_sendRawTransaction", "0x01").code == -32000)
            #expect(try await node.failure("eth_sendRawTransaction", 1).code == -32602)
            let results = try await node.call(
                "dip_sendTransactions",
                .array([
                    .data(TestNode.transfer(from: 0, nonce: 1, to: node.keys[1])), "0x02",
                    .data(TestNode.transfer(from: 0, nonce: 2, to: node.keys[1])),
                ]))
            #expect(results[0]?["hash"]?.hash != nil)
            #expect(results[1]?["error"]?["code"]?.integer == -32000)
            #expect(results[2]?["hash"]?.hash != nil)
        }
    }

    @Test func `filters give what is new, once`() async throws {
        try await RPCTestNode.with { node async throws in
            let payee = Address(high: 1, middle: 2, low: 3)
            let blocks = try await node.call("eth_newBlockFilter")
            let topics: JSON = [nil, nil, .data(Hash32(word: payee).bytes)]
            let logs = try await node.call("eth_newFilter", ["topics": topics])
            let receipt = try await node.send(from: 1, to: payee, value: 5)
            #expect(
                try await node.call("eth_getFilterChanges", blocks) == [receipt["blockHash"]!])
            #expect(
                try await node.call("eth_getFilterChanges", logs) == [receipt["logs"]![0]!])
            #expect(try await node.call("eth_getFilterChanges", blocks) == [])
            #expect(try await node.call("eth_getFilterChanges", logs) == [])
            #expect(try await node.call("eth_uninstallFilter", logs) == true)
            #expect(try await node.call("eth_uninstallFilter", logs) == false)
            #expect(
                try await node.failure("eth_getFilterChanges", logs).message
                    == "filter not found")
        }
    }

    @Test func `log queries that ask for too much, or for nonsense, are refused`() async throws {
        try await RPCTestNode.with { node async throws in
            for filter in [
                ["topics": "0x"], ["topics": [[["0x"]]]], ["address": "0x12"],
                ["fromBlock": "soon"], ["topics": [nil, nil, nil, nil, nil]],
                ["blockHash": .data(Hash32.zero.bytes), "toBlock": "latest"], 5,
            ] as [JSON] {
                #expect(try await node.failure("eth_getLogs", filter).code == -32602)
            }
        }
    }

    @Test func `fee history has a price more than blocks`() async throws {
        try await RPCTestNode.with { node async throws in
            try await node.send(from: 1, to: node.keys[2], value: 5)
            let history = try await node.call("eth_feeHistory", "0x5", "latest", [10, 50])
            let count = try #require(history["gasUsedRatio"]?.array?.count)
            #expect(history["baseFeePerGas"]?.array?.count == count + 1)
            #expect(history["reward"]?[0] == ["0x0", "0x0"])
            #expect(history["oldestBlock"] == "0x0")
        }
    }

    @Test func `fee history of a block that is forgotten meanwhile is refused`() {
        #expect(RPCContext.feeHistoryHeights(5, upTo: 9, keptFrom: 10) == nil)
        #expect(RPCContext.feeHistoryHeights(5, upTo: 10, keptFrom: 10) == 10..<11)
        #expect(RPCContext.feeHistoryHeights(5, upTo: 20, keptFrom: 10) == 16..<21)
        #expect(RPCContext.feeHistoryHeights(.max, upTo: 3_000, keptFrom: 0) == 1_977..<3_001)
        #expect(RPCContext.feeHistoryHeights(0, upTo: 20, keptFrom: 10) == 21..<21)
    }

    @Test func `WebSocket clients hear of blocks and logs`() async throws {
        try await RPCTestNode.with { node async throws in
            let socket = try await RPCWebSocket.connect(node.endpoint)
            let heads = try await socket.call("eth_subscribe", ["newHeads"])
            let logs = try await socket.call(
                "eth_subscribe", ["logs", ["address": .data(Address.dip.bytes)]])
            let receipt = try await node.send(from: 1, to: node.keys[2], value: 5)
            var found: [String: [JSON]] = [:]
            for _ in 0..<3 {
                let notification = try #require(try await socket.next())
                found[notification.subscription, default: []].append(notification.result)
            }
            #expect(found[heads.string!]?.first?["hash"] == receipt["blockHash"])
            #expect(found[logs.string!] == receipt["logs"]?.array)
            #expect(try await socket.call("eth_unsubscribe", [heads]) == true)
            #expect(try await socket.call("eth_unsubscribe", [heads]) == false)
            let error = try await node.failure("eth_subscribe", "newHeads")
            #expect(error.message.contains("WebSocket"))
            await socket.close()
        }
    }

    @Test func `pages say how the node is`() async throws {
        try await RPCTestNode.with { node async throws in
            #expect(try await node.client.page("/health").status == 200)
            let ready = try await node.client.page("/ready")
            #expect(ready.status == 200)
            try await node.send(from: 1, to: node.keys[2], value: 5)
            // What is counted of a block comes behind the answer to who waits for it.
            var page = ""
            try await until("the transaction among those counted") {
                page = String(decoding: try await node.client.page("/metrics").body, as: UTF8.self)
                return page.contains("dip_transactions_total 1")
            }
            #expect(page.contains("dip_block_height 1"))
        }
    }
}
