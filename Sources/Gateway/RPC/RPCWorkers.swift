import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Threads

/// The threads for methods that compute or read for longer, with a bounded queue that takes from the
/// clients in turns.
final class RPCWorkers: Sendable {
    private typealias Job = @Sendable () -> Void

    private struct State {
        var line = FairQueue<RPCCaller, Job>()
        /// How many threads work, or are about to.
        var working = 0
        var isStopped = false
    }

    private let pool: NIOThreadPool
    private let threads: Int
    private let state = Mutex(State())
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
        self.threads = threads
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
        state.withLock { state in
            let own = state.line.count(of: caller)
            return own < limits.caller && (own < Self.own || state.line.count < limits.all)
        }
    }

    /// Takes a job; drops it if the threads are stopping, and with it the reply, which then says that there was no answer.
    func submit(of caller: RPCCaller, _ job: @escaping @Sendable () -> Void) {
        let needsThread = state.withLock { state in
            guard !state.isStopped else { return false }
            state.line.append(job, of: caller)
            guard state.working < threads else { return false }
            state.working += 1
            return true
        }
        if needsThread { pool.submit { _ in self.work() } }
    }

    /// Runs what waits, on one of the threads.
    private func work() {
        while let job = next() { job() }
    }

    private func next() -> Job? {
        state.withLock { state in
            let job = state.isStopped ? nil : state.line.next()
            if job == nil { state.working -= 1 }
            return job
        }
    }

    /// Drops the jobs of a connection that is gone: nobody would read their answers, and what they keep would
    /// be kept until their turn.
    func drop(of caller: RPCCaller) {
        // They go once the lock is free: the replies that go with them answer.
        _ = state.withLock { $0.line.removeAll(of: caller) }
    }

    /// Waits for the jobs that run, and drops those that wait.
    func shutDown() async {
        _ = state.withLock { state in
            state.isStopped = true
            defer { state.line = FairQueue() }
            return state.line
        }
        try? await pool.shutdownGracefully()
    }
}
