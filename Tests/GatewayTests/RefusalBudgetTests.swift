import JSON
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// What a client may have refused before nothing of it is looked at.
struct RefusalBudgetTests {
    /// Collects what is logged.
    private struct Notes: LogHandler {
        let lines = Lines()
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        final class Lines: Sendable { let all = Mutex<[String]>([]) }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let client = event.metadata?["client"].map { "\($0)" } ?? ""
            lines.all.withLock { $0.append("\(event.message) \(client)") }
        }
    }

    private static let limit = RateLimit(callsPerSecond: 100, burst: 1_000)
    private let metrics = Metrics()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func book(_ logger: Logger = Logger(label: "test") { _ in Notes() }) -> RefusalBook {
        RefusalBook(Self.limit, metrics: metrics, logger: logger, now: start)
    }

    private func budget(_ number: UInt32, _ book: RefusalBook) -> RefusalBudget {
        RefusalBudget(of: .v4(number), book, now: start)
    }

    @Test func `whoever is refused too often waits until there is again what a second brings`() {
        let budget = budget(1, book())
        #expect(budget.isWhole(now: start))
        budget.settle(refused: 999, now: start)
        #expect(budget.wait(for: 1, now: start) == nil)
        budget.settle(refused: 1, now: start)
        #expect(budget.wait(for: 1, now: start) == 1_001)
        #expect(budget.wait(for: 1, now: start + .milliseconds(9)) == 992)
        #expect(budget.wait(for: 1, now: start + .milliseconds(10)) == nil)
        #expect(!budget.isWhole(now: start + .milliseconds(9_999)))
        #expect(budget.isWhole(now: start + .seconds(10)))
    }

    @Test func `what was under way when nothing was left is owed, however long it takes`() {
        let budget = budget(1, book())
        budget.settle(refused: 6_000, now: start)
        // 5,000 are owed: fifty seconds, and one more for what a second brings.
        #expect(budget.wait(for: 1, now: start) == 51_001)
        // Nobody asks in between: what is owed does not become less at once by as much as fits.
        #expect(budget.wait(for: 1, now: start + .seconds(45)) == 6_001)
        #expect(budget.wait(for: 1, now: start + .seconds(51)) == nil)
    }

    @Test func `one client takes from what all share what it has, not what it owes`() {
        let book = book()
        for _ in 0..<100 { budget(1, book).settle(refused: 1, now: start) }
        let greedy = budget(2, book)
        for _ in 0..<10 { greedy.settle(refused: 100_000, now: start) }
        for number in 3..<6 as Range<UInt32> {
            let another = budget(number, book)
            // Only the spare budget would keep it out after so many.
            another.settle(refused: 900, now: start)
            #expect(another.wait(for: 1, now: start) == nil)
        }
    }

    @Test func `many addresses have one budget together, and nobody waits long for it`() {
        let book = book()
        for number in 0..<5 as Range<UInt32> {
            budget(number, book).settle(refused: 1_000, now: start)
        }
        // Another may still err, but little.
        let stranger = budget(6, book)
        #expect(stranger.wait(for: 1, now: start) == nil)
        stranger.settle(refused: 10, now: start)
        #expect(stranger.wait(for: 1, now: start) == 1_001)
        // However much it erred: it is all there soon.
        let resender = budget(7, book)
        resender.settle(refused: 900, now: start)
        #expect(resender.wait(for: 1, now: start) == 1_001)
        let flooder = budget(8, book)
        flooder.settle(refused: 1_000, now: start)
        for second in 1...3 as ClosedRange<Int64> {
            flooder.settle(refused: 1_000, now: start + .seconds(second))
            #expect(resender.wait(for: 1, now: start + .seconds(second)) == nil)
        }
        #expect(flooder.wait(for: 1, now: start + .seconds(3)) != nil)
        // Once there is something for all again, what a client has itself counts alone.
        #expect(stranger.wait(for: 1, now: start + .seconds(5)) == nil)
        #expect(!stranger.isWhole(now: start + .seconds(9)))
        #expect(stranger.isWhole(now: start + .seconds(10)))
    }

    @Test func `what a client erred while there was enough for all leaves its spare budget whole`()
    {
        let book = book()
        let client = budget(1, book)
        client.settle(refused: 500, now: start)
        for number in 2..<7 as Range<UInt32> {
            budget(number, book).settle(refused: 1_000, now: start)
        }
        #expect(client.wait(for: 1, now: start) == nil)
        client.settle(refused: 10, now: start)
        #expect(client.wait(for: 1, now: start) == 1_001)
        // Half of it is there when the others have used up again what all share.
        let later = start + .milliseconds(500)
        budget(7, book).settle(refused: 1_000, now: later)
        #expect(client.wait(for: 1, now: later) == 501)
    }

    @Test func `a client is told of in the log once a minute at most, and always counted`() {
        let notes = Notes()
        let book = book(Logger(label: "test") { _ in notes })
        for (number, second) in [(1, 0), (2, 59), (3, 60), (4, 61)] as [(UInt32, Int64)] {
            let budget = budget(number << 8 | 0x0A00_0001, book)
            let now = start + .seconds(second)
            budget.settle(refused: 2_000, now: now)
            #expect(budget.wait(for: 7, now: now) != nil)
        }
        let lines = notes.lines.all.withLock { $0 }
        #expect(lines.map { $0.split(separator: " ").last } == ["10.0.1.1", "10.0.3.1"])
        #expect(metrics.page().contains("\ndip_turned_away_total 28\n"))
    }

    @Test func `a client is remembered without a connection until its budget is whole`() throws {
        let clients = ClientTable(rate: nil, refusals: book())
        func visit(_ number: UInt32, refused: Int, second: Int64) throws -> Bool {
            let now = start + .seconds(second)
            let client = clients.enter(.v4(number), now: now)
            defer { clients.leave(client, now: now) }
            let budget = try #require(client.refusals)
            guard budget.wait(for: 1, now: now) == nil else { return false }
            budget.settle(refused: refused, now: now)
            return true
        }
        #expect(try visit(1, refused: 0, second: 100))
        #expect(clients.count == 0)
        #expect(try visit(1, refused: 1_500, second: 100))
        #expect(try !visit(1, refused: 0, second: 100))
        #expect(try visit(2, refused: 100, second: 101))
        #expect(clients.count == 2)
        #expect(try visit(3, refused: 0, second: 200))
        #expect(clients.count == 0)
    }

    @Test func `whoever goes before what it sent is looked at finds that charged later`() throws {
        // So few a second that it does not matter how long the test takes.
        let book = RefusalBook(
            RateLimit(callsPerSecond: 1, burst: 1_000), metrics: metrics,
            logger: Logger(label: "test") { _ in Notes() })
        let clients = ClientTable(rate: nil, refusals: book)
        let client = clients.enter(.v4(1), now: .now())
        let budget = try #require(client.refusals)
        var submission: RefusalBudget.Submission? = budget.begin()
        clients.leave(client, now: .now())
        let again = clients.enter(.v4(1), now: .now())
        #expect(again === client)
        submission?.judged(refused: 1_500)
        #expect(again.refusals?.wait(for: 1) != nil)
        clients.leave(again, now: .now())
        // Once nothing is missing and nothing under way it is forgotten.
        #expect(!budget.isWhole(now: .now() + .seconds(3_000)))
        submission = nil
        #expect(!budget.isWhole(now: .now()))
        #expect(budget.isWhole(now: .now() + .seconds(3_000)))
    }

    @Test func `whoever goes while signers are looked for is charged for those that were found`()
        throws
    {
        let budget = RefusalBudget(RateLimit(callsPerSecond: 1, burst: 1_000))
        var submission: RefusalBudget.Submission? = budget.begin()
        submission?.searched(refused: 100, found: 700)
        submission?.searched(refused: 0, found: 300)
        #expect(budget.wait(for: 1) == nil)
        submission = nil
        #expect(budget.wait(for: 1) != nil)
    }

    @Test func `addresses are written as an operator shuts them out`() {
        #expect("\(ClientAddress.v4(0xC000_0201))" == "192.0.2.1")
        #expect("\(ClientAddress.v6(0x2001_0db8_0001_0002))" == "2001:db8:1:2::/64")
    }

    @Test func `connections share their client's budget, behind a proxy the one that is named`()
        async throws
    {
        var methods = RPCMethods.forTests
        methods.value("err") { (request) throws(RPCError) in
            guard let budget = request.session.refusals else { return "boundless" }
            if budget.wait(for: 1) != nil { return "turned away" }
            budget.charge(refused: 600)
            return "refused"
        }
        let err = #"{"jsonrpc":"2.0","id":1,"method":"err"}"#
        let proxies = [try #require(AddressNetwork("127.0.0.2"))]
        try await withServer(
            methods,
            edit: {
                // So few a second that it does not matter how long the test takes.
                $0.limits.refusals = RateLimit(callsPerSecond: 1, burst: 1_000)
                $0.proxies = proxies
            }
        ) { _, port in
            func answer(from source: String, for client: String? = nil) async throws -> String {
                let connection = try RawConnection(port: port, from: source)
                connection.post(err, headers: client.map { ["X-Forwarded-For": $0] } ?? [:])
                let body = try await connection.response().body
                return try #require(JSON(parsing: body)["result"]?.string)
            }
            for expected in ["refused", "refused", "turned away"] {
                #expect(try await answer(from: "127.0.0.1") == expected)
                #expect(try await answer(from: "127.0.0.2", for: "192.0.2.1") == expected)
            }
            #expect(try await answer(from: "127.0.0.2", for: "192.0.2.2") == "refused")
            #expect(try await answer(from: "127.0.0.3", for: "192.0.2.1") == "refused")
            let socket = try RawConnection(port: port)
            #expect(try await socket.upgrade().status == 101)
            socket.send([0x81, 0x80 | UInt8(err.utf8.count), 0, 0, 0, 0] + Array(err.utf8))
            let (_, payload) = try await socket.frame()
            #expect(String(decoding: payload, as: UTF8.self).contains("turned away"))
        }
        try await withServer(methods, edit: { $0.limits.refusals = nil }) { _, port in
            let connection = try RawConnection(port: port)
            connection.post(err)
            #expect(try await connection.response().body.contains("boundless"))
        }
    }
}
