import JSON
import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// The engine without sockets: whatever the body, a well-formed answer or none.
struct RPCEngineTests {
    /// Forgets what is delivered late.
    private final class Outlet: RPCOutlet {
        func deliver(_ response: ByteBuffer?, tag: Int) {}
        func keep(_ change: Int) {}
        let isOver: Bool
        let client = ClientAddress.here
        let refusals: RefusalBudget? = nil
        func signal(_ signal: SubscriptionFeed.Signal) {}
        init(isOver: Bool = false) { self.isOver = isOver }
    }

    private let engine: RPCEngine
    private let session: RPCSession

    init() {
        var limits = ServerLimits()
        limits.batchCalls = 5
        engine = RPCEngine(
            methods: .forTests, limits: limits, metrics: Metrics(),
            workers: .init(count: 1, queue: 0))
        session = RPCSession(scopes: [.read, .send], outlet: Outlet())
    }

    @Test(arguments: [false, true])
    func `a call dropped with its connection is no error of its method`(isOver: Bool) {
        let metrics = Metrics()
        let engine = RPCEngine(
            methods: .forTests, limits: ServerLimits(), metrics: metrics,
            workers: .init(count: 1, queue: 0))
        let session = RPCSession(scopes: [.read], outlet: Outlet(isOver: isOver))
        let body = #"{"jsonrpc":"2.0","id":1,"method":"forgetful"}"#
        _ = engine.answer(ByteBuffer(string: body), session: session, tag: 0)
        let answered = isOver ? 0 : 1
        for (name, count) in [
            ("calls", answered), ("errors", answered), ("dropped", 1 - answered),
        ] {
            let line = "\ndip_rpc_\(name)_total{method=\"forgetful\"} \(count)\n"
            #expect(metrics.page().contains(line))
        }
    }

    private func answer(_ body: [UInt8]) throws -> JSON? {
        // Bytes before the body, as the rest of a larger buffer: places must not mix the two up.
        var buffer = ByteBuffer(bytes: [1, 2, 3] + body)
        buffer.moveReaderIndex(forwardBy: 3)
        switch engine.answer(buffer, session: session, tag: 0) {
        case .later: return nil
        case .answered(let response):
            return try response.map { try JSON(parsing: $0.readableBytesView) }
        case .refused(let error):
            #expect([-32700, -32600].contains(error.code))
            return nil
        }
    }

    @Test(arguments: [
        "0", "7", "1234567890123456789", "9999999999999999999", "18446744073709551616", "-0", "-7",
        "1.50", "1e3", "null", #""""#, #""x\u0041""#, #""12""#,
    ])
    func `an answer repeats the id as it was written`(id: String) throws {
        for method in ["now", "echo", "unknown"] {
            let body = #"[{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}]"#
            let outcome = engine.answer(ByteBuffer(string: body), session: session, tag: 0)
            guard case .answered(let answer?) = outcome else {
                Issue.record("no answer to \(body)")
                continue
            }
            #expect(String(buffer: answer).hasPrefix(#"[{"jsonrpc":"2.0","id":\#(id),""#))
        }
        var writer = JSONWriter()
        RPCID(copying: ByteBuffer(string: id)).write(to: &writer)
        #expect(String(buffer: ByteBuffer(writer)) == id)
    }

    @Test func `mutated bodies never trap and answers stay well formed`() throws {
        let seeds = [
            #"{"jsonrpc":"2.0","id":1,"method":"echo","params":["0x12ab",{"a":[1]}]}"#,
            #"[{"jsonrpc":"2.0","id":1,"method":"now"},{"jsonrpc":"2.0","id":"\u00e92","method":"fails","params":[]},{"jsonrpc":"2.0","method":"later"}]"#,
            #"[{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x12ab"]},{"jsonrpc":"2.0","id":2,"method":"dip_sendTransactions","params":[["0x12","0x"]]}]"#,
        ].map { Array($0.utf8) }
        var random = SeededNumbers(seed: 0xd1b)
        let alphabet = Array("{}[]\",:\\u019+-.en \n".utf8) + [0x00, 0x80, 0xc3, 0xff]
        var answered = 0
        for round in 0..<10_000 {
            var body = seeds[round % seeds.count]
            for _ in 0...Int(random.next() % 2) {
                let place = Int(random.next() % UInt64(body.count))
                switch random.next() % 3 {
                case 0: body[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                case 1:
                    body.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
                default: body.remove(at: place)
                }
            }
            if try answer(body) != nil { answered += 1 }
        }
        #expect(answered > 1_000)
    }

    @Test func `nothing is run of a body that ends in rubbish`() throws {
        let metrics = Metrics()
        let engine = RPCEngine(
            methods: .forTests, limits: ServerLimits(), metrics: metrics,
            workers: .init(count: 1, queue: 0))
        let body = ByteBuffer(string: #"[{"jsonrpc":"2.0","id":1,"method":"now"},]"#)
        guard case .refused = engine.answer(body, session: session, tag: 0) else {
            return #expect(Bool(false))
        }
        #expect(metrics.page().contains("dip_rpc_calls_total{method=\"now\"} 0"))
    }

    @Test func `a method beyond the caller's scopes is not run`() throws {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"advance"}"#
        #expect(try answer(Array(body.utf8))?["error"]?["code"] == -32001)
    }

    @Test func `without room for more work a caller is told to try again`() throws {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"work"}"#
        #expect(try answer(Array(body.utf8))?["error"]?["code"] == -32005)
    }
}
