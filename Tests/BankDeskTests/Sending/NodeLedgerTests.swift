import BankDesk
import Gateway
import JSON
import Ledger
import Synchronization
import Testing

@Suite struct NodeLedgerTests {
    /// What a node says that serves, knows the leader and is not behind.
    private static let current = [
        "serving": "true", "bank": "1", "ordering": #"{"leader": 2}"#,
        "validators":
            #"[{"id": 1, "height": 9, "lag": 0}, {"id": 2, "height": 9, "lag": 0}, {"id": 3}]"#,
    ]

    private func isCurrent(_ name: String = "", _ value: String? = nil) throws -> Bool {
        var answer = Self.current
        answer[name] = value
        let members = try answer.map { JSON.Member($0.key, try JSON(parsing: $0.value)) }
        return NodeLedger.isCurrent(.object(members))
    }

    @Test func `a node is current that serves, is not behind and has heard the leader's height`()
        throws
    {
        #expect(try isCurrent())
        // One that leads itself has heard itself.
        #expect(try isCurrent("ordering", #"{"leader": 1}"#))
    }

    private static let lacking: [(String, String?)] = [
        ("serving", "false"), ("serving", nil), ("bank", nil), ("bank", "4"), ("bank", "3"),
        ("ordering", nil), ("ordering", #"{"leader": null}"#), ("ordering", #"{"leader": 3}"#),
        ("ordering", #"{"leader": 9}"#), ("ordering", #"{"leader": "two"}"#),
        ("validators", nil), ("validators", "[]"),
        ("validators", #"[{"id": 2, "height": 9, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9, "lag": 1}, {"id": 2, "height": 10, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9}, {"id": 2, "height": 10, "lag": 0}]"#),
        ("validators", #"[{"id": 1, "height": 9, "lag": 0}, {"id": 2}]"#),
    ]

    @Test(arguments: lacking)
    func `a node that lacks any of it is not`(name: String, value: String?) throws {
        #expect(try !isCurrent(name, value))
    }

    @Test func `an answer that is no object is of no node that is current`() {
        for answer in [JSON.null, [], "x", 7, true] { #expect(!NodeLedger.isCurrent(answer)) }
    }

    /// Asks a node that answers as it is told.
    private func ask<Value>(
        _ methods: RPCMethods, _ body: (NodeLedger) async throws -> Value
    ) async throws -> Value {
        let server = try await RPCServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), methods: methods)
        let client = try RPCClient(RPCEndpoint("http://127.0.0.1:\(server.port ?? 0)"))
        func end() async {
            await client.close()
            await server.stop(within: 0)
        }
        do {
            let value = try await body(NodeLedger(client))
            await end()
            return value
        } catch {
            await end()
            throw error
        }
    }

    @Test func `an order is not there where the node says so, and not where it refuses to say`()
        async throws
    {
        var methods = RPCMethods()
        methods.value("dip_order") { (_) throws(RPCError) in .null }
        #expect(try await ask(methods) { try await $0.order(1) } == nil)
        var busy = RPCMethods()
        busy.value("dip_order") { (_) throws(RPCError) in
            throw .limitExceeded("the node has too much to do")
        }
        let fault = await #expect(throws: DeskFault.self) {
            try await ask(busy) { try await $0.order(1) }
        }
        #expect(fault?.passes == true)
    }

    @Test func `a number of transactions that no account reaches is a strange answer`()
        async throws
    {
        for count in [UInt64.max, 1 << 63, 1 << 62] {
            var methods = RPCMethods()
            methods.value("eth_getTransactionCount") { (_) throws(RPCError) in .quantity(count) }
            let fault = await #expect(throws: DeskFault.self) {
                try await ask(methods) { try await $0.nonce(of: .zero) }
            }
            #expect(fault?.passes == true)
        }
    }

    @Test func `what happened to redemptions and operators is read, and nothing half`()
        async throws
    {
        let former = Address(high: 1, middle: 1, low: 1)
        let next = Address(high: 2, middle: 2, low: 2)
        let message = Hash32(word: 9)
        func events(_ second: JSON) -> RPCMethods {
            var methods = RPCMethods()
            methods.value("dip_events") { (_) throws(RPCError) in
                [
                    "events": [
                        [
                            "event": "RedemptionInstructed", "block": 5,
                            "args": ["id": "7", "message": .string(message.hex)],
                        ],
                        ["event": "OperatorChanged", "block": 6, "args": second],
                    ], "cursor": "7:0", "head": 6,
                ]
            }
            return methods
        }
        let whole: JSON = ["from": .string(former.hex), "to": .string(next.hex)]
        let page = try await ask(events(whole)) { try await $0.events(from: "0:0") }
        #expect(
            page.events == [
                .instructed(id: 7, block: 5, message: message),
                .operatorChanged(from: former, to: next, block: 6),
            ])
        await #expect(throws: DeskFault.self) {
            try await ask(events(["from": .string(former.hex)])) {
                try await $0.events(from: "0:0")
            }
        }
    }

    @Test func `what was issued in a block that the node keeps no more is not known, and no fault`()
        async throws
    {
        func methods(_ error: RPCError) -> RPCMethods {
            var methods = RPCMethods()
            methods.value("eth_call") { (_) throws(RPCError) in .data(Hash32(word: 5).bytes) }
            methods.value("eth_getLogs") { (_) throws(RPCError) in throw error }
            return methods
        }
        let gone = RPCError(
            code: -32000, message: "block 5 is not kept here; blocks are kept from 9 on")
        let issued = try await ask(methods(gone)) { try await $0.issued(.zero, under: .zero) }
        #expect(issued == nil)
        let busy = RPCError(code: -32000, message: "the node has too much to do")
        await #expect(throws: DeskFault.self) {
            try await ask(methods(busy)) { try await $0.issued(.zero, under: .zero) }
        }
    }

    @Test func `a block that comes between two questions is asked for again`() async throws {
        func time(_ answers: [JSON], head: UInt64) async throws -> UInt64? {
            let left = Mutex(answers)
            var methods = RPCMethods()
            methods.value("eth_getBlockByNumber") { (_) throws(RPCError) in
                left.withLock { $0.removeFirst() }
            }
            methods.value("eth_blockNumber") { (_) throws(RPCError) in .quantity(head) }
            return try await ask(methods) { try await $0.time(ofBlock: 5) }
        }
        let block: JSON = ["timestamp": "0x7"]
        #expect(try await time([block], head: 5) == 7)
        #expect(try await time([.null, block], head: 5) == 7)
        // The node has it no more, or not yet.
        #expect(try await time([.null, .null], head: 5) == nil)
        let fault = await #expect(throws: DeskFault.self) {
            try await time([.null, block], head: 4)
        }
        #expect(fault?.passes == true)
    }
}
