import Testing
import Threads

@testable import Gateway

/// Servers that stop while clients come.
///
/// This can only fail where NIO is strict, as Tools/test has it: what is handed to a loop that has ended then ends the
/// process, else it is written to standard error.
struct StopTests {
    /// Two threads that connect, and leave again, until they are told to end.
    private final class Comers: Sendable {
        private let isOver = Locked(false)
        private let threads = WorkerPool<Never>(named: "comers", count: 2)

        init(to port: Int) {
            for _ in 0..<2 {
                threads.submit { [isOver] in
                    while !isOver.with({ $0 }) { _ = try? RawConnection(port: port) }
                }
            }
        }

        func end() {
            isOver.with { $0 = true }
            threads.stop()
        }
    }

    @Test func `a server may stop at any moment while connections come`() async throws {
        for round in 0..<600 {
            let server = try await RPCServer.start(
                ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), methods: .forTests)
            let comers = Comers(to: server.port ?? 0)
            for _ in 0..<round % 50 { await Task.yield() }
            await server.stop(within: 0)
            comers.end()
        }
    }
}
