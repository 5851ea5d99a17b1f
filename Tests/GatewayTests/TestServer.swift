import JSON
import Synchronization
import Testing

@testable import Gateway

/// A server on a free port of the loopback address, ended after the test.
func withServer(
    _ methods: RPCMethods = .forTests, routes: HTTPRoutes = HTTPRoutes(),
    metrics: Metrics = Metrics(), edit: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (RPCServer, Int) async throws -> Void
) async throws {
    var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
    edit(&configuration)
    let server = try await RPCServer.start(
        configuration, methods: methods, routes: routes, metrics: metrics)
    do {
        try await body(server, server.port ?? 0)
    } catch {
        await server.stop(within: 0)
        throw error
    }
    await server.stop(within: 0)
}

extension Metrics {
    /// How many connections were ended because too much was kept for them.
    var endedForGreed: Double {
        let line = page().split(separator: "\n").first {
            $0.hasPrefix("dip_greedy_connections_total ")
        }
        return line.flatMap { Double($0.split(separator: " ")[1]) } ?? -1
    }

    /// Waits until so many were, however slow the machine is.
    func waitForEnded(_ count: Double) async throws {
        try await wait("\(endedForGreed) were ended, not \(count)") { endedForGreed >= count }
    }

    /// Waits until a line is on the page.
    func wait(for line: String) async throws {
        try await wait("never on the page: \(line)") { page().contains("\n\(line)\n") }
    }

    private func wait(
        _ fault: @autoclosure () -> String, until isSo: () -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while !isSo() {
            try #require(ContinuousClock.now < end, "\(fault())")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension RPCMethods {
    /// One method of each form.
    static var forTests: RPCMethods {
        var methods = RPCMethods()
        methods.immediate("now") { (_, writer) throws(RPCError) in
            writer.quantity(7 as UInt64)
        }
        methods.value("echo") { (request) throws(RPCError) in try request.params().value }
        methods.offloaded("work") { (_, writer) throws(RPCError) in writer.string("worked") }
        methods.deferred("later") { _, reply in reply.result("late") }
        methods.deferred("forgetful") { _, _ in }
        methods.immediate("fails") { (_, writer) throws(RPCError) in
            writer.openObject()
            throw RPCError(code: 3, message: "execution reverted", data: "0x08c379a0")
        }
        methods.immediate("silent") { (_, _) throws(RPCError) in }
        methods.value("advance", scope: .dev) { (_) throws(RPCError) in true }
        methods.run(["eth_sendRawTransaction", "dip_sendTransactions"]) { calls in
            for call in calls.reversed() {
                call.reply.answer { (writer) throws(RPCError) in
                    if call.request.method == "dip_sendTransactions" {
                        let list = try call.rawTransactions(limit: 4, count: 3)
                        writer.array(of: list) { $0.data($1) }
                    } else {
                        let bytes = try call.request.rawTransaction(limit: 4)
                        writer.object { writer in
                            writer.key("of")
                            writer.number(calls.count)
                            writer.key("bytes")
                            writer.data(bytes)
                        }
                    }
                }
            }
        }
        return methods
    }
}

/// Holds replies until a test lets them go.
final class Gate: Sendable {
    private let held = Mutex<[RPCReply]>([])
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    init() { (arrivals, arrived) = AsyncStream.makeStream() }

    func hold(_ reply: RPCReply) {
        held.withLock { $0.append(reply) }
        arrived.yield()
    }

    /// Waits until so many replies are held.
    func wait(for count: Int) async {
        var seen = 0
        for await _ in arrivals {
            seen += 1
            if seen == count { return }
        }
    }

    /// How many replies are held.
    var count: Int { held.withLock { $0.count } }

    /// Answers all that are held, the last first.
    func release(_ value: JSON) {
        let replies = held.withLock { held in
            defer { held = [] }
            return held
        }
        for reply in replies.reversed() { reply.result(value) }
    }
}
