import Execution
import Gateway
import JSON
import Ledger
import Testing

@testable import Node

@Suite struct DipnetMethodTests {
    private func fund(_ order: UInt64, _ amount: Hash32) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(word: Hash32(0, 0, 0, order))
        writer.write(word: amount)
        return writer.finish()
    }

    private func pledge(_ order: UInt64, _ child: UInt64, _ units: UInt128) -> [UInt8] {
        var writer = ABIWriter(selector: IClaims.Function.pledge.rawValue, words: 4)
        for word in [order, 0, child] { writer.write(word: Hash32(0, 0, 0, word)) }
        writer.write(uint: units)
        return writer.finish()
    }

    /// Key 1 owes key 2, who owes key 3 and has pledged for it: a chain of two.
    private func chain(_ node: RPCTestNode) async throws -> (
        token: Address, parent: UInt64, child: UInt64
    ) {
        let token = try await node.issueToken()
        let transfer = node.data(0xa905_9cbb, Hash32(word: node.keys[1]), Hash32(word: 1_000))
        try await node.send(from: 0, to: token, data: transfer)
        let parent = try await node.open(1, token: token, [(2, 100), (4, 50)])
        let child = try await node.open(2, token: token, [(3, 60)])
        let receipt = try await node.send(from: 2, to: .claims, data: pledge(parent, child, 60))
        #expect(receipt["status"] == "0x1")
        return (token, parent, child)
    }

    @Test func `an order is shown with lines, claims and children`() async throws {
        try await RPCTestNode.with { node async throws in
            let (token, parent, child) = try await chain(node)
            let order = try await node.call("dip_order", .integer(parent))
            #expect(order["status"] == "open")
            #expect(order["token"]?.address == token)
            #expect(order["symbol"] == "TCNY")
            #expect(order["price"] == "150")
            #expect(order["outstanding"] == "150")
            #expect(order["children"] == [.integer(child)])
            #expect(
                order[path: "lines", "0", "claims"]
                    == [
                        ["order": .integer(child), "units": "60"],
                        ["holder": .data(node.keys[2].bytes), "units": "40"],
                    ])
            let tree = try await node.call("dip_tree", .integer(parent))
            #expect(tree[path: "children", "0", "id"] == .integer(child))
            #expect(
                tree[path: "children", "0", "pledged"] == [["line": 0, "units": "60"]])
            #expect(tree["truncated"] == nil)
            let small = try await node.call("dip_tree", .integer(parent), 1)
            #expect(small["truncated"] == true)
            #expect(small[path: "children", "0", "truncated"] == true)
        }
    }

    @Test func `a dry run shows every payment of a cascade, and changes nothing`() async throws {
        try await RPCTestNode.with { node async throws in
            let (token, parent, child) = try await chain(node)
            let before = try await node.call("eth_blockNumber")
            let call: JSON = [
                "from": .data(node.keys[1].bytes), "to": .data(Address.orders.bytes),
                "data": .data(fund(parent, .allOnes)),
            ]
            let result = try await node.call("dip_simulate", call)
            #expect(result["ok"] == true)
            let payments = try #require(result["payments"]?.array)
            #expect(
                payments.map { $0["kind"]?.string } == [
                    "funding", "payout", "payout", "payout", "payout",
                ])
            #expect(payments.map { $0["amount"]?.string } == ["150", "60", "40", "50", "60"])
            #expect(payments.allSatisfy { $0["token"]?.address == token })
            #expect(payments[1]["toOrder"] == .integer(child))
            #expect(
                result["events"]?.array?.contains { $0["event"] == "Closed" } == true)
            let list = try await node.call("dip_simulate", [call, call])
            #expect(list[1]?["ok"] == false)
            #expect(list[1]?[path: "refusal", "name"] == "WrongStatus")
            #expect(list[1]?[path: "refusal", "arguments", "status"] == "closed")
            #expect(list[1]?[path: "refusal", "cure"]?.string?.isEmpty == false)
            #expect(try await node.call("eth_blockNumber") == before)
            #expect(
                try await node.call("dip_order", .integer(parent))["status"] == "open")
        }
    }

    @Test func `one payment settles the chain and every statement adds up`() async throws {
        try await RPCTestNode.with { node async throws in
            let (token, parent, child) = try await chain(node)
            let receipt = try await node.send(
                from: 1, to: .orders, data: fund(parent, .allOnes))
            #expect(receipt["status"] == "0x1")
            for id in [parent, child] {
                #expect(try await node.call("dip_order", .integer(id))["status"] == "closed")
            }
            for (key, wanted) in [(1, "850"), (2, "40"), (3, "60"), (4, "50")] {
                #expect(
                    try await node.call(
                        "dip_balanceAt", .data(node.keys[key].bytes), .data(token.bytes))
                        == .string(wanted))
            }
            for key in 0..<5 { try await checkStatement(node, node.keys[key]) }
            try await checkStatement(node, .orders)
            try await checkStatement(node, .treasury)
        }
    }

    /// Every page of a statement: balances follow from amounts, and end where the account stands.
    private func checkStatement(_ node: RPCTestNode, _ account: Address) async throws {
        var entries: [JSON] = []
        var page: [JSON.Member] = [.init("limit", 2)]
        while true {
            let answer = try await node.call(
                "dip_statement", .data(account.bytes), nil, nil, .object(page))
            entries += answer["entries"]!.array!
            guard let next = answer["next"] else { break }
            page = [.init("limit", 3), .init("cursor", next)]
        }
        let whole = try await node.call("dip_statement", .data(account.bytes))
        #expect(whole["entries"] == .array(entries))
        let holdings = try await node.call("dip_balances", .data(account.bytes))
        for holding in holdings["balances"]!.array! {
            let own = entries.filter { $0["token"] == holding["token"] }
            var balance = Int128(holding["amount"]!.string!)!
            for entry in own {
                #expect(entry["balance"] == .string("\(balance)"))
                balance -= Int128(entry["amount"]!.string!)!
            }
            #expect(balance == 0, "\(account) \(holding["symbol"]!)")
        }
    }

    @Test func `a statement is cut to heights and times`() async throws {
        try await RPCTestNode.with { node async throws in
            let account = JSON.data(node.keys[3].bytes)
            for _ in 0..<4 {
                try await node.send(from: 1, to: node.keys[3], value: 5)
                try await node.call("dip_advanceTime", 60)
            }
            let all = try await node.call("dip_statement", account)["entries"]!.array!
            #expect(all.count == 5)
            #expect(all.last?["kind"] == "genesis")
            let time = all[1]["time"]!
            let some = try await node.call(
                "dip_statement", account, ["time": time], ["time": time])
            #expect(some["entries"] == [all[1]])
            let heights = try await node.call(
                "dip_statement", account, all[3]["block"]!, all[2]["block"]!)
            #expect(heights["entries"] == [all[2], all[3]])
            let genesis = all[4]["time"]!
            let first = try await node.call("dip_statement", account, nil, ["time": genesis])
            #expect(first["entries"] == [all[3], all[4]])
            // Before genesis there was nothing, not even what it gave.
            let before = JSON.integer(genesis.integer! - 1)
            for from in [nil, ["time": 0], 0] as [JSON] {
                let none = try await node.call("dip_statement", account, from, ["time": before])
                #expect(none == ["entries": []])
            }
            for cursor in ["1", "1.7", "0.0:999999", "x", "0.9:0", ""] {
                let page: JSON = ["cursor": .string(cursor)]
                let answer = try? await node.call("dip_statement", account, nil, nil, page)
                #expect(answer == nil || answer?["entries"] == [], "\(cursor)")
            }
            // Each token of a cursor is walked, so one that names the same one often would take long.
            for cursor in ["0.0:1.0:1", "0.0:1.0:0"] {
                let page: JSON = ["cursor": .string(cursor)]
                let error = try await node.failure("dip_statement", account, nil, nil, page)
                #expect(error.code == -32602, "\(cursor)")
            }
        }
    }

    @Test func `events are read page by page without gap or repetition`() async throws {
        try await RPCTestNode.with { node async throws in
            let (_, parent, _) = try await chain(node)
            try await node.send(from: 1, to: .orders, data: fund(parent, .allOnes))
            let whole = try await node.call("dip_events", "0:0", nil, 10_000)
            let all = whole["events"]!.array!
            #expect(all.count > 20)
            var paged: [JSON] = []
            var cursor: JSON = "0:0"
            for _ in 0..<100 {
                let page = try await node.call("dip_events", cursor, nil, 7)
                paged += page["events"]!.array!
                if cursor == page["cursor"]! { break }
                cursor = page["cursor"]!
            }
            #expect(paged == all)
            #expect(cursor == whole["cursor"]!)
            let orders = try await node.call(
                "dip_events", "0:0", ["contracts": ["Orders"], "events": ["Paid"]])
            #expect(
                orders["events"]!.array!.map { $0[path: "args", "amount"]?.string } == [
                    "60", "40", "50", "60",
                ])
            let mine = try await node.call(
                "dip_events", "0:0",
                ["accounts": [.data(node.keys[3].bytes)], "events": ["Transfer"]])
            #expect(mine["events"]!.array!.last?[path: "args", "value"] == "60")
            let order = try await node.call(
                "dip_events", "0:0",
                ["orders": [.integer(parent)], "events": ["Opened", "Closed"]])
            #expect(order["events"]!.array!.map { $0["event"] } == ["Opened", "Closed"])
            #expect(try await node.failure("dip_events", "9999:0").code == -32602)
            #expect(try await node.failure("dip_events", "0:0", ["event": "Paid"]).code == -32602)
            #expect(
                try await node.failure("dip_events", "0:0", ["events": ["Nothing"]]).code == -32602)
        }
    }

    @Test func `the stream of events begins at its cursor and goes on live`() async throws {
        try await RPCTestNode.with { node async throws in
            for _ in 0..<5 { try await node.send(from: 1, to: node.keys[2], value: 5) }
            let socket = try await RPCWebSocket.connect(node.endpoint)
            try await _ = socket.call("dip_subscribe", ["events", ["cursor": "0:0"]])
            try await node.send(from: 1, to: node.keys[2], value: 6)
            var events: [JSON] = []
            while events.count < 12, let next = try await socket.next() {
                events += next.result.array!
            }
            let wanted = try await node.call("dip_events", "0:0")
            #expect(JSON.array(events) == wanted["events"])
            await socket.close()
        }
    }

    @Test func `what a block does itself has logs that tools can read`() async throws {
        try await RPCTestNode.with { node async throws in
            let token = try await node.issueToken()
            let now = UInt64(node.test.node.timeMillis / 1000)
            var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            writer.write(
                IOrders.Terms(
                    token: token, buyer: node.keys[0],
                    lines: [
                        IOrders.Line(tier: 0, payee: node.keys[2], amount: 100, gate: 1)
                    ],
                    gates: [
                        IOrders.Gate(
                            attestors: [node.keys[5]], threshold: 1, deadline: now + 3_600,
                            onTimeout: .meet)
                    ]))
            let opened = try await node.send(from: 0, to: .orders, data: writer.finish())
            #expect(opened["status"] == "0x1")
            try await node.send(from: 0, to: .orders, data: fund(1, .allOnes))
            let filter = try await node.call("eth_newFilter", ["address": .data(token.bytes)])
            try await node.call("dip_advanceTime", 4_000)
            var logs: [JSON] = []
            while logs.isEmpty {
                logs = try await node.call("eth_getFilterChanges", filter).array!
            }
            let log = try #require(logs.first)
            #expect(log["transactionHash"] == log["blockHash"])
            #expect(log["system"] == true)
            let block = try await node.call("eth_getBlockByHash", log["blockHash"]!, false)
            #expect(block["transactions"] == [])
            let receipts = try await node.call("eth_getBlockReceipts", log["blockNumber"]!)
            let own = try #require(receipts[0])
            #expect(own["logs"]?.array?.contains(log) == true)
            #expect(own["status"] == "0x1")
            #expect(
                try await node.call("eth_getTransactionReceipt", log["transactionHash"]!) == own)
            let transaction = try await node.call(
                "eth_getTransactionByHash", log["transactionHash"]!)
            #expect(transaction["from"]?.address == .zero)
            // The payee's statement has it too, without a transaction.
            let entry = try await node.call("dip_statement", .data(node.keys[2].bytes))
            #expect(entry[path: "entries", "0", "kind"] == "payout")
            #expect(entry[path: "entries", "0", "transaction"] == nil)
            try await checkStatement(node, node.keys[2])
        }
    }

    @Test func `a refused transaction says name, cause and cure`() async throws {
        try await RPCTestNode.with { node async throws in
            let receipt = try await node.send(from: 1, to: .orders, data: fund(77, .allOnes))
            #expect(receipt["status"] == "0x0")
            #expect(receipt[path: "refusal", "name"] == "UnknownOrder")
            #expect(receipt[path: "refusal", "arguments", "order"] == 77)
            #expect(receipt["revertReason"]?.data?.count == 36)
            #expect(receipt["logs"]?.array?.count == 1)
        }
    }

    @Test func `accounts find their orders, claims and money`() async throws {
        try await RPCTestNode.with { node async throws in
            let (token, parent, child) = try await chain(node)
            let account = JSON.data(node.keys[2].bytes)
            let first = try await node.call("dip_ordersOf", account, 0, 1)
            #expect(first[path: "orders", "0", "id"] == .integer(parent))
            #expect(first["next"] == 1)
            let second = try await node.call("dip_ordersOf", account, 1, 1)
            #expect(second[path: "orders", "0", "id"] == .integer(child))
            #expect(second["next"] == nil)
            let claims = try await node.call("dip_claimsOf", account)
            #expect(claims[path: "claims", "0", "units"] == "40")
            #expect(claims[path: "claims", "0", "buyer"]?.address == node.keys[1])
            let tokens = try await node.call("dip_tokens")
            #expect(tokens["tokens"]?.array?.map { $0["symbol"] } == ["DIP", "TCNY"])
            #expect(
                try await node.call("dip_token", .data(token.bytes))["supply"] == "1000000")
            #expect(try await node.call("dip_token", account) == .null)
            let page = try await node.call("dip_tokens", 0, 1)
            #expect(page["next"] == 1)
        }
    }

    @Test func `the ledger says who runs it, its ABI and its refusals`() async throws {
        try await RPCTestNode.with { node async throws in
            let consortium = try await node.call("dip_consortium")
            #expect(consortium["chainId"] == 3355)
            #expect(consortium["serving"] == true)
            #expect(consortium[path: "validators", "0", "name"] == "Development Bank")
            let contracts = try await node.call("dip_abi")
            #expect(contracts.array?.count == ContractInterface.all.count)
            let orders = try await node.call("dip_abi", "orders")
            #expect(try await node.call("dip_abi", .data(Address.orders.bytes)) == orders)
            #expect(try await node.failure("dip_abi", "nothing").code == -32602)
            let token = try await node.issueToken()
            #expect(
                try await node.call("dip_abi", .data(token.bytes))
                    == ContractInterface.token.json)
            let errors = try await node.call("dip_errors")
            #expect(errors["ledger"]?.array?.count == RejectionCatalogue.entries.count)
        }
    }

    @Test func `only a clock that is driven by hand can be moved`() async throws {
        try await RPCTestNode.with { node async throws in
            let before = node.test.node.timeMillis
            let answer = try await node.call("dip_advanceTime", 60)
            #expect(answer["timeMillis"]?.unsigned == UInt128(before + 60_000))
            #expect(try await node.failure("dip_advanceTime", "0x1ffffffffffff").code == -32602)
        }
        // However often it is moved, it comes to no time that cannot be counted.
        let clock = NodeClock(manualFrom: NodeClock.latestMillis - 5_000)
        #expect(clock.advance(seconds: 6) == nil)
        #expect(clock.advance(seconds: 1 << 40) == nil)
        #expect(clock.advance(seconds: 5) == NodeClock.latestMillis)
        let end = NodeClock(manualFrom: .max)
        #expect(end.advance(seconds: 1) == nil)
        try await RPCTestNode.with(manualClock: false) { node async throws in
            #expect(try await node.failure("dip_advanceTime", 60).code == -32601)
        }
    }
}
