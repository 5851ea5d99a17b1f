import NIOPosix
import Synchronization

/// The threads for methods that compute or read for longer, with a bounded queue that takes from the
/// connections in turns.
final class RPCWorkers: Sendable {
    private typealias Job = @Sendable () -> Void

    private let pool: NIOThreadPool
    private let line = Mutex(FairLine<ObjectIdentifier, Job>())
    private let limits: (caller: Int, all: Int)

    /// - Parameters:
    ///   - threads: how many jobs run at one time.
    ///   - queue: how many jobs of one connection may wait.
    ///   - total: how many of all connections may.
    init(threads: Int, queue: Int, total: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        limits = (queue, total)
        pool.start()
    }

    /// Whether another job of a connection is taken.
    func hasRoom(for caller: ObjectIdentifier) -> Bool {
        line.withLock { $0.count < limits.all && $0.count(of: caller) < limits.caller }
    }

    func submit(of caller: ObjectIdentifier, _ job: @escaping @Sendable () -> Void) {
        line.withLock { $0.append(job, of: caller) }
        pool.submit { state in
            let next = self.line.withLock { $0.next() }
            // A pool that is shutting down drops the job, and with it the reply, which then says so.
            if case .active = state { next?() }
        }
    }

    func shutDown() async { try? await pool.shutdownGracefully() }
}
