import JSON
import Synchronization
import Testing

@testable import Gateway

/// JSON-RPC 2.0 over HTTP/1.1 on a real socket.
struct RPCServerTests {
    private func exchange(_ body: String, _ port: Int) async throws -> (status: Int, body: String) {
        let connection = try RawConnection(port: port)
        connection.post(body)
        let response = try await connection.response()
        return (response.status, response.body)
    }

    @Test(arguments: [
        (#"{"jsonrpc":"2.0","id":1,"method":"now"}"#, #"{"jsonrpc":"2.0","id":1,"result":"0x7"}"#),
        (
            #" {"params":[1,{"a":null}],"method":"echo","id":"x\u0041","jsonrpc":"2.0"} "#,
            #"{"jsonrpc":"2.0","id":"x\u0041","result":[1,{"a":null}]}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":null,"method":"echo","params":{"k":1.50}}"#,
            #"{"jsonrpc":"2.0","id":null,"result":{"k":1.50}}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":-3,"method":"\u006eow","params":null,"extra":[]}"#,
            #"{"jsonrpc":"2.0","id":-3,"result":"0x7"}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"later"}"#,
            #"{"jsonrpc":"2.0","id":1,"result":"late"}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"work"}"#,
            #"{"jsonrpc":"2.0","id":1,"result":"worked"}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"silent"}"#,
            #"{"jsonrpc":"2.0","id":1,"result":null}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"fails"}"#,
            #"{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"execution reverted","data":"0x08c379a0"}}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x01Ff"]}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"of":1,"bytes":"0x01ff"}}"#
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[["0x","0x0a0b0c0d"]]}"#,
            #"{"jsonrpc":"2.0","id":1,"result":["0x","0x0a0b0c0d"]}"#
        ),
    ])
    func `a call gets its answer`(_ body: String, _ expected: String) async throws {
        try await withServer { _, port in
            let answer = try await exchange(body, port)
            #expect(answer.status == 200)
            #expect(answer.body == expected)
        }
    }

    @Test(arguments: [
        ("", -32700), ("{", -32700), (#"{"jsonrpc":"2.0","id":1,"method":"now"}x"#, -32700),
        (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"now"}"#, -32700), ("[]", -32600),
        ("1", -32600), (#"{"id":1,"method":"now"}"#, -32600),
        (#"{"jsonrpc":"1.0","id":1,"method":"now"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
        (#"{"jsonrpc":"2.0","id":[],"method":"now"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":true,"method":"now"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"now","params":5}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"now","params":"x"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"nope"}"#, -32601),
        (#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction"}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[]}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":{}}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x0"]}"#, -32602),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x0102030405"]}"#,
            -32602
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x01","0x02"]}"#,
            -32602
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[["0","0x"]]}"#,
            -32602
        ),
        (
            #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[["0x","0x","0x","0x"]]}"#,
            -32602
        ),
        (#"{"jsonrpc":"2.0","id":1,"method":"forgetful"}"#, -32603),
    ])
    func `what is wrong has its code`(_ body: String, _ code: Int) async throws {
        try await withServer { _, port in
            let answer = try await exchange(body, port)
            #expect(answer.status == 200)
            let error = try JSON(parsing: answer.body)["error"]
            #expect(error?["code"]?.integer == Int64(code), "\(answer.body)")
        }
    }

    @Test func `the lists of one body have so many transactions together`() async throws {
        func list(_ count: Int) -> String {
            let list = [String](repeating: #""0x""#, count: count).joined(separator: ",")
            return
                #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[[\#(list)]]}"#
        }
        let now = #"{"jsonrpc":"2.0","id":1,"method":"now"}"#
        try await withServer { _, port in
            // Another method between them makes two runs.
            let answers = try await exchange(
                "[\(list(2)),\(now),\(list(2)),\(now),\(list(1)),\(now),\(list(1))]", port)
            let each = try JSON(parsing: answers.body).array ?? []
            #expect(
                each.map { $0["error"]?["code"]?.integer }
                    == [nil, nil, -32602, nil, nil, nil, -32602])
            #expect(each[4]["result"]?.array == ["0x"])
        }
    }

    @Test func `where a body has too large answers its lists are not looked at`() async throws {
        let echo =
            #"{"jsonrpc":"2.0","id":1,"method":"echo","params":["\#(String(repeating: "x", count: 900))"]}"#
        let list = #"{"jsonrpc":"2.0","id":1,"method":"dip_sendTransactions","params":[["0x"]]}"#
        try await withServer(edit: { $0.limits.responseBytes = 2_500 }) { _, port in
            let answers = try await exchange("[\(list),\(echo),\(list)]", port)
            let each = try JSON(parsing: answers.body).array ?? []
            #expect(each.map { $0["error"]?["code"]?.integer } == [nil, nil, -32005])
        }
    }

    @Test func `a notification gets no content, nor does a batch of them`() async throws {
        try await withServer { _, port in
            for method in ["now", "later", "nope", "fails"] {
                let call = #"{"jsonrpc":"2.0","method":"\#(method)"}"#
                for body in [call, "[\(call),\(call)]"] {
                    let answer = try await exchange(body, port)
                    #expect(answer.status == 204)
                    #expect(answer.body == "")
                }
            }
        }
    }

    @Test func `a batch is answered in order, whatever comes late`() async throws {
        let methods = ["now", "later", "work", "nope", "now", "fails", "later", "now"]
        try await withServer { _, port in
            let calls = methods.enumerated().map {
                #"{"jsonrpc":"2.0","id":\#($0),"method":"\#($1)"}"#
            }
            let answer = try await exchange("[" + calls.joined(separator: " , ") + ",7]", port)
            let answers = try JSON(parsing: answer.body).array ?? []
            #expect(
                answers.map { $0["id"]?.integer } == (0..<8).map { Int64($0) } + [nil])
            #expect(answers[1]["result"] == "late")
            #expect(answers[2]["result"] == "worked")
            #expect(answers[3]["error"]?["code"] == -32601)
            #expect(answers[8]["error"]?["code"] == -32600)
        }
    }

    @Test func `consecutive sends of a batch come together`() async throws {
        func send(_ id: Int) -> String {
            #"{"jsonrpc":"2.0","id":\#(id),"method":"eth_sendRawTransaction","params":["0x0\#(id)"]}"#
        }
        let now = #"{"jsonrpc":"2.0","id":9,"method":"now"}"#
        try await withServer { _, port in
            let batch = [send(1), send(2), send(3), now, send(4)]
            let answer = try await exchange("[\(batch.joined(separator: ","))]", port)
            let answers = try JSON(parsing: answer.body).array ?? []
            #expect(answers.map { $0["result"]?["of"]?.integer } == [3, 3, 3, nil, 1])
            #expect(
                answers.map { $0["result"]?["bytes"]?.string }
                    == ["0x01", "0x02", "0x03", nil, "0x04"])
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        try await withServer(methods) { _, port in
            let connection = try RawConnection(port: port)
            for (id, method) in ["held", "now", "held", "later", "nope"].enumerated() {
                connection.post(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#)
            }
            await gate.wait(for: 2)
            gate.release("free")
            for (id, expected) in ["free", "0x7", "free", "late", nil].enumerated() {
                let answer = try JSON(parsing: try await connection.response().body)
                #expect(answer["id"]?.integer == Int64(id))
                #expect(answer["result"]?.string == expected)
            }
        }
    }

    @Test func `no more requests are begun than may be under way`() async throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        try await withServer(methods, edit: { $0.limits.pipelined = 2 }) { _, port in
            let connection = try RawConnection(port: port)
            for _ in 0..<7 { connection.post(#"{"jsonrpc":"2.0","id":1,"method":"held"}"#) }
            for count in [2, 2, 2, 1] {
                await gate.wait(for: count)
                #expect(gate.count == count)
                gate.release(1)
                for _ in 0..<count { #expect(try await connection.response().status == 200) }
            }
        }
    }

    @Test func `a batch beyond the limit is refused whole`() async throws {
        let now = #"{"jsonrpc":"2.0","id":1,"method":"now"}"#
        try await withServer(edit: { $0.limits.batchCalls = 3 }) { _, port in
            let three = try await exchange("[\(now),\(now),\(now)]", port)
            #expect(try JSON(parsing: three.body).array?.count == 3)
            let four = try await exchange("[\(now),\(now),\(now),\(now)]", port)
            #expect(try JSON(parsing: four.body)["error"]?["code"] == -32600)
        }
    }

    @Test func `answers that grow too large stop a batch`() async throws {
        let echo =
            #"{"jsonrpc":"2.0","id":1,"method":"echo","params":["\#(String(repeating: "x", count: 100))"]}"#
        try await withServer(
            edit: {
                $0.limits.responseBytes = 200
                // On a worker the body would count, too.
                $0.limits.sliceNanoseconds = .max
            }
        ) { _, port in
            let answers = try JSON(
                parsing: try await exchange("[\(echo),\(echo),\(echo)]", port).body)
            #expect(answers[1]?["error"] == nil)
            #expect(answers[2]?["error"]?["code"] == -32005)
        }
    }

    @Test func `a body that is too large is refused and the connection ends`() async throws {
        try await withServer(edit: { $0.limits.bodyBytes = 100 }) { _, port in
            let announced = try RawConnection(port: port)
            announced.post("", headers: ["Content-Length": "101"])
            let refusal = try await announced.response()
            #expect(refusal.status == 413)
            #expect(try JSON(parsing: refusal.body)["error"]?["code"] == -32005)
            #expect(refusal.head.contains("connection: close"))

            let chunked = try RawConnection(port: port)
            chunked.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n"
                    + "65\r\n" + String(repeating: " ", count: 101) + "\r\n")
            #expect(try await chunked.response().status == 413)
        }
    }

    @Test func `a body in many pieces is put together`() async throws {
        try await withServer { _, port in
            let text = String(repeating: "0123456789", count: 50_000)
            let body = #"{"jsonrpc":"2.0","id":1,"method":"echo","params":["\#(text)"]}"#
            let answer = try await exchange(body, port)
            #expect(try JSON(parsing: answer.body)["result"]?[0]?.string == text)
        }
    }

    @Test func `a body has so many names, in one object or in many`() async throws {
        func body(_ objects: Int, _ names: Int) -> String {
            let object = "{" + (0..<names).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
            let params = [String](repeating: object, count: objects).joined(separator: ",")
            return #"{"jsonrpc":"2.0","id":1,"method":"now","params":[\#(params)]}"#
        }
        try await withServer { _, port in
            for (objects, names) in [(1, 65_532), (254, 258)] {
                let answer = try await exchange(body(objects, names), port)
                #expect(try JSON(parsing: answer.body)["result"] == "0x7")
            }
            for (objects, names) in [(1, 65_533), (255, 258)] {
                let answer = try await exchange(body(objects, names), port)
                let error = try JSON(parsing: answer.body)["error"]
                #expect(error?["code"]?.integer == -32700)
                #expect(error?["message"]?.string?.contains("too many names") == true)
            }
        }
    }

    @Test func `a document 100,000 deep gets a clear error`() async throws {
        try await withServer { _, port in
            let deep = String(repeating: "[", count: 100_000)
            let plain = try await exchange(deep, port)
            #expect(plain.body.contains("too many arrays and objects inside each other"))
            let inside = try await exchange(
                #"{"jsonrpc":"2.0","id":1,"method":"echo","params":\#(deep)}"#, port)
            #expect(try JSON(parsing: inside.body)["error"]?["code"] == -32700)
        }
    }

    @Test func `a second answer is ignored`() async throws {
        var methods = RPCMethods.forTests
        methods.deferred("twice") { _, reply in
            #expect(reply.result("first"))
            #expect(!reply.result("second"))
        }
        try await withServer(methods) { _, port in
            let answer = try await exchange(#"{"jsonrpc":"2.0","id":1,"method":"twice"}"#, port)
            #expect(try JSON(parsing: answer.body)["result"] == "first")
        }
    }

    @Test func `an answer after the server has ended is let go`() async throws {
        let gate = Gate()
        var methods = RPCMethods()
        methods.deferred("held") { _, reply in gate.hold(reply) }
        try await withServer(methods) { _, port in
            let connection = try RawConnection(port: port)
            connection.post(#"{"jsonrpc":"2.0","id":1,"method":"held"}"#)
            await gate.wait(for: 1)
        }
        // With SWIFTNIO_STRICT=1 this ends the process where the connection's loop is asked to carry it.
        gate.release(true)
    }

    @Test func `what is under way is answered before the server stops`() async throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        let server = try await RPCServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), methods: methods)
        let port = try #require(server.port)
        let idle = try RawConnection(port: port)
        idle.post(#"{"jsonrpc":"2.0","id":1,"method":"now"}"#)
        _ = try await idle.response()
        let busy = try RawConnection(port: port)
        busy.post(#"{"jsonrpc":"2.0","id":1,"method":"held"}"#)
        await gate.wait(for: 1)
        async let stopped: Void = server.stop(within: 60_000)
        #expect(try await idle.readToEnd())
        gate.release("done")
        let answer = try await busy.response()
        #expect(answer.body.contains("done"))
        // Connections hear of it one after another: this one before the answer, or behind it.
        if !answer.head.contains("connection: close") { #expect(try await busy.readToEnd()) }
        #expect(throws: RawConnection.Failure.self) { try RawConnection(port: port) }
        await stopped
    }

    @Test func `the metrics page counts calls, errors and refusals`() async throws {
        let metrics = Metrics()
        var routes = HTTPRoutes()
        routes.get("/metrics") { _ in .metrics(metrics) }
        try await withServer(routes: routes, metrics: metrics) { _, port in
            _ = try await exchange(#"{"jsonrpc":"2.0","id":1,"method":"now"}"#, port)
            _ = try await exchange(#"{"jsonrpc":"2.0","id":1,"method":"fails"}"#, port)
            let client = RPCClient(try RPCEndpoint("http://127.0.0.1:\(port)"))
            let page = String(decoding: try await client.page("/metrics").body, as: UTF8.self)
            await client.close()
            #expect(page.contains("\ndip_rpc_calls_total{method=\"now\"} 1\n"))
            #expect(page.contains("\ndip_rpc_errors_total{method=\"fails\"} 1\n"))
            #expect(page.contains("\ndip_rpc_call_seconds_count{method=\"now\"} 1\n"))
            #expect(page.contains("# TYPE dip_rpc_call_seconds histogram\n"))
        }
    }

    @Test func `closed methods answer with the reason, for as long as there is one`() async throws {
        let isClosed = Mutex(true)
        let methods = RPCMethods.forTests.closed(except: ["now"]) {
            isClosed.withLock { $0 } ? RPCError(code: -32000, message: "closed") : nil
        }
        try await withServer(methods) { _, port in
            func ask(_ method: String) async throws -> String {
                let params = method == "eth_sendRawTransaction" ? #"["0x12"]"# : "[]"
                let body = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
                return try await exchange(body, port).body
            }
            let others = ["echo", "work", "later", "eth_sendRawTransaction"]
            for method in others {
                let answer = try await ask(method)
                #expect(answer.contains(#""closed""#))
            }
            let exempt = try await ask("now")
            #expect(exempt.contains("0x7"))
            isClosed.withLock { $0 = false }
            for method in others {
                let answer = try await ask(method)
                #expect(answer.contains("result"))
            }
        }
    }

    @Test func `numbers of what comes and goes are asked for with the page`() {
        let metrics = Metrics()
        metrics.gauges("up", "Who is there.") { [([("bank", "2")], 1), ([("bank", "5")], 0)] }
        metrics.counters("seen_total", "How often.") { [] }
        #expect(
            metrics.page() == """
                # HELP up Who is there.
                # TYPE up gauge
                up{bank="2"} 1.0
                up{bank="5"} 0.0
                # HELP seen_total How often.
                # TYPE seen_total counter

                """)
    }
}
