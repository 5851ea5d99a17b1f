import Threads

/// The threads for methods that compute or read for longer, with a bounded queue that takes from the
/// clients in turns.
final class RPCWorkers: Sendable {
    private let pool: WorkerPool<RPCCaller>
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
        pool = WorkerPool(named: name, count: threads)
        limits = (queue, total)
    }

    /// Whether another job of a connection is taken.
    func hasRoom(for caller: RPCCaller) -> Bool {
        let waiting = pool.waiting(of: caller)
        return waiting.own < limits.caller && (waiting.own < Self.own || waiting.all < limits.all)
    }

    /// Takes a job; drops it if the threads are stopping, and with it the reply, which then says that there was no answer.
    func submit(of caller: RPCCaller, _ job: @escaping @Sendable () -> Void) {
        pool.submit(of: caller, job)
    }

    /// Drops the jobs of a connection that is gone: nobody would read their answers, and what they keep would
    /// be kept until their turn.
    func drop(of caller: RPCCaller) { pool.drop(of: caller) }

    /// Waits for the jobs that run, and drops those that wait.
    func shutDown() async {
        await withCheckedContinuation { ended in
            // A job may take long, and the threads that run tasks are few.
            SystemThread(named: "rpc-end") { [pool] in
                pool.stop(dropping: true)
                ended.resume()
            }.letGo()
        }
    }
}
