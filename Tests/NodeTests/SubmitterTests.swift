import Consensus
import Gateway
import Glibc
import Synchronization
import Testing
import Threads

@testable import Node

/// Whose transactions are looked at next.
@Suite struct SubmitterTests {
    @Test func `clients and peers take turns, however many connections a client has`() throws {
        let pool = WorkerPool<Submitter>(named: "test", count: 1)
        let isOpen = Atomic(false)
        let order = Mutex([String]())
        pool.submit { while !isOpen.load(ordering: .relaxed) { usleep(1_000) } }
        func submit(_ name: String, of submitter: Submitter) {
            pool.submit(of: submitter) { order.withLock { $0.append(name) } }
        }
        for connection in 1...3 {
            let greedy = Submitter.client(RPCCaller(.v4(1), connection: UInt(connection)))
            for _ in 0..<2 { submit("greedy \(connection)", of: greedy) }
        }
        for _ in 0..<2 { submit("peer", of: .peer(NodeID(1))) }
        submit("modest", of: .client(RPCCaller(.v4(2), connection: 1)))
        isOpen.store(true, ordering: .relaxed)
        pool.stop()
        #expect(
            order.withLock { $0 } == [
                "greedy 1", "peer", "modest", "greedy 2", "peer", "greedy 3", "greedy 1",
                "greedy 2", "greedy 3",
            ])
    }
}
