import Dispatch
import NIOPosix
import Synchronization
import Threads

/// The threads for methods that compute or read for longer, with a bounded queue that takes from the
/// clients in turns.
final class RPCWorkers: Sendable {
    private typealias Job = @Sendable () -> Void

    private let pool: NIOThreadPool
    private let line = Mutex(FairLine<RPCCaller, Job>())
    private let limits: (caller: Int, all: Int)
    /// How many jobs of a connection may wait however many of others do.
    ///
    /// A few connections with as many as they may have would leave nobody else any.
    static let own = 16

    /// - Parameters:
    ///   - name: the threads' name, of which each bears its number, as `rpc-0`.
    ///   - threads: how many jobs run at one time.
    ///   - queue: how many jobs of one connection may wait.
    ///   - total: how many of all connections may, beyond the ``own`` ones of each.
    init(named name: String, threads: Int, queue: Int, total: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        limits = (queue, total)
        pool.start()
        nameThreads(name, count: threads)
    }

    /// NIO names the threads of every pool alike.
    private func nameThreads(_ name: String, count: Int) {
        let unnamed = DispatchGroup()
        for _ in 0..<count { unnamed.enter() }
        for number in 0..<count {
            pool.submit { state in
                guard case .active = state else { return unnamed.leave() }
                SystemThread.nameCurrent("\(name)-\(number)")
                unnamed.leave()
                // Until all are, so that no thread takes two names.
                unnamed.wait()
            }
        }
    }

    /// Whether another job of a connection is taken.
    func hasRoom(for caller: RPCCaller) -> Bool {
        line.withLock { line in
            let own = line.count(of: caller)
            return own < limits.caller && (own < Self.own || line.count < limits.all)
        }
    }

    func submit(of caller: RPCCaller, _ job: @escaping @Sendable () -> Void) {
        line.withLock { $0.append(job, of: caller) }
        pool.submit { state in
            let next = self.line.withLock { $0.next() }
            // A pool that is shutting down drops the job, and with it the reply, which then says so.
            if case .active = state { next?() }
        }
    }

    func shutDown() async { try? await pool.shutdownGracefully() }
}
