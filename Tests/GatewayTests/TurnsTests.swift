import Dispatch
import Glibc
import JSON
import Synchronization
import Testing

@testable import Gateway

/// Whose turn it is at the workers' threads.
struct TurnsTests {
    @Test func `a few connections that want much leave others something to want`() async {
        let workers = RPCWorkers(named: "test", threads: 1, queue: 32, total: 64)
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let gate = Mutex(false)
        let ids = (1...3).map { RPCCaller(.v4(1), connection: $0) }
        workers.submit(of: ids[0]) {
            arrived.yield()
            while !gate.withLock({ $0 }) { usleep(1_000) }
        }
        for await _ in arrivals { break }
        func fill(_ caller: Int) -> Int {
            var count = 0
            while workers.hasRoom(for: ids[caller]) {
                workers.submit(of: ids[caller]) {}
                count += 1
            }
            return count
        }
        #expect((fill(0), fill(1), fill(2)) == (32, 32, RPCWorkers.own))
        gate.withLock { $0 = true }
        await workers.shutDown()
    }

    @Test func `a long batch of short calls does not keep the connection's thread`() async throws {
        let threads = Mutex([UInt]())
        var methods = RPCMethods()
        methods.immediate("short") { (request, writer) throws(RPCError) in
            let end = ContinuousClock.now + .microseconds(500)
            while ContinuousClock.now < end {}
            threads.withLock { $0.append(UInt(pthread_self())) }
            writer.value(try request.params().value)
        }
        try await withServer(methods) { _, port in
            let connection = try RawConnection(port: port)
            let calls = (0..<50).map {
                #"{"jsonrpc":"2.0","id":\#($0),"method":"short","params":[\#($0)]}"#
            }
            connection.post("[" + calls.joined(separator: ",") + "]")
            let answers = calls.indices.map { #"{"jsonrpc":"2.0","id":\#($0),"result":[\#($0)]}"# }
            #expect(
                try await connection.response().body
                    == "[" + answers.joined(separator: ",") + "]")
        }
        let ran = threads.withLock { $0 }
        // Four take two milliseconds, on a machine that does nothing else.
        #expect(ran.count == 50 && ran.count { $0 == ran[0] } <= 4)
    }

    @Test(arguments: [false, true])
    func `whoever drops what a connection waits for is told whose its requests were`(
        byProxy: Bool
    ) async throws {
        let (callers, called) = AsyncStream<RPCCaller>.makeStream()
        let (goners, gone) = AsyncStream<RPCCaller>.makeStream()
        var methods = RPCMethods.forTests
        methods.immediate("caller") { (request, writer) throws(RPCError) in
            called.yield(request.session.caller)
            writer.bool(true)
        }
        methods.onDisconnect { gone.yield($0) }
        let proxies = [try #require(AddressNetwork("127.0.0.3"))]
        try await withServer(methods, edit: { $0.proxies = proxies }) { _, port in
            var connection: RawConnection? = try RawConnection(
                port: port, from: byProxy ? "127.0.0.3" : "127.0.0.1")
            let clients = ["127.0.0.2", "127.0.0.1"]
            for client in clients {
                connection?.post(
                    #"{"jsonrpc":"2.0","id":1,"method":"caller"}"#,
                    headers: byProxy ? ["X-Forwarded-For": client] : [:])
                #expect(try await connection?.response().status == 200)
            }
            connection = nil
            var (calls, ends) = (callers.makeAsyncIterator(), goners.makeAsyncIterator())
            let (first, last) = (await calls.next(), await calls.next())
            #expect(await ends.next() == last)
            #expect((first == last) == !byProxy && last?.client == .v4(0x7f00_0001))
        }
    }

    @Test(arguments: [false, true])
    func `a client with many connections keeps another waiting for one call`(
        byProxy: Bool
    ) async throws {
        let (gate, isOpen) = (Gate(), DispatchSemaphore(value: 0))
        let order = Mutex([String]())
        var methods = RPCMethods()
        methods.offloaded("pass") { (request, writer) throws(RPCError) in
            isOpen.wait()
            isOpen.signal()
            let name = try request.params().string(0, "name")
            order.withLock { $0.append(name) }
            writer.string(name)
        }
        // Held when the call before it in its body waits for the worker.
        methods.deferred("queued") { _, reply in gate.hold(reply) }
        let proxies = [try #require(AddressNetwork("127.0.0.3"))]
        try await withServer(
            methods,
            edit: {
                $0.workerThreads = 1
                $0.proxies = proxies
            }
        ) { _, port in
            defer { isOpen.signal() }
            func call(_ name: String, from client: String) throws -> RawConnection {
                let connection = try RawConnection(
                    port: port, from: byProxy ? "127.0.0.3" : client)
                connection.post(
                    #"[{"jsonrpc":"2.0","id":1,"method":"pass","params":["\#(name)"]},{"jsonrpc":"2.0","id":2,"method":"queued"}]"#,
                    headers: byProxy ? ["X-Forwarded-For": client] : [:])
                return connection
            }
            var open: [RawConnection] = []
            for _ in 0..<20 { open.append(try call("greedy", from: "127.0.0.1")) }
            await gate.wait(for: 20)
            let modest = try call("modest", from: "127.0.0.2")
            await gate.wait(for: 1)
            gate.release(true)
            isOpen.signal()
            for connection in open + [modest] {
                #expect(try await connection.response().status == 200)
            }
        }
        // One runs, and one's turn was before.
        let names = order.withLock { $0 }
        let place = try #require(names.firstIndex(of: "modest"))
        #expect(place <= 2 && names.count == 21)
    }
}
