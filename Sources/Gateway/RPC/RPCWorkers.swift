import NIOPosix
import Synchronization

/// The threads for methods that compute or read for longer, with a bounded queue.
final class RPCWorkers: Sendable {
    private let pool: NIOThreadPool
    private let waiting = Atomic<Int>(0)
    private let limit: Int

    init(threads: Int, queue: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        limit = queue
        pool.start()
    }

    /// Whether another job is taken.
    var hasRoom: Bool { waiting.load(ordering: .relaxed) < limit }

    func submit(_ job: @escaping @Sendable () -> Void) {
        waiting.wrappingAdd(1, ordering: .relaxed)
        pool.submit { state in
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
            // A pool that is shutting down drops the job, and with it the reply, which then says so.
            if case .active = state { job() }
        }
    }

    func shutDown() async { try? await pool.shutdownGracefully() }
}
