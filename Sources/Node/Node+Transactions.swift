import Gateway
import Ledger
import Replica
import Threads

// Transactions on their way to a block.
extension Node {
    /// Takes raw transactions; `completion` gets one answer each, in order, on a worker's thread or at once.
    ///
    /// Different callers take turns. Those that are refused after their signers were looked for are charged to
    /// `budget`.
    public func submit(
        _ raws: [[UInt8]], of caller: RPCCaller = .here, within budget: RefusalBudget? = nil,
        completion: @escaping @Sendable ([Result<Hash32, PoolRefusal>]) -> Void
    ) {
        intake.submit(
            raws, of: .client(caller), within: budget,
            admitted: consortium.map { $0.forwarding.pump }, completion: completion)
    }

    /// Drops what a connection that is gone handed in and what does not run yet; what is in the pool stays there.
    public func forget(_ caller: RPCCaller) { intake.forget(.client(caller)) }

    /// A transaction of the pool.
    public func pending(_ hash: Hash32) -> VerifiedTransaction? {
        pool.with { $0.pool.transaction(hash) }
    }

    /// The nonce of its sender that a transaction of the pool waits for; nil if it waits for none.
    func missingNonce(before hash: Hash32) -> UInt64? {
        pool.with { state in
            guard let transaction = state.pool.transaction(hash),
                let next = state.pool.pendingNonce(of: transaction.sender)
            else { return nil }
            return transaction.transaction.nonce >= next ? next : nil
        }
    }

    /// The nonce after the account's last transaction in the pool, nil if it has none there.
    public func pendingNonce(of account: Address) -> UInt64? {
        pool.with { $0.pool.pendingNonce(of: account) }
    }

    /// Transactions that wait to be ordered, by arrival.
    public func pendingTransactions(limit: Int) -> [VerifiedTransaction] {
        pool.with { $0.pool.waiting(limit: limit) }
    }

    /// Waits for a transaction's block without holding a thread.
    ///
    /// - Parameters:
    ///   - hash: the transaction's.
    ///   - mode: what to wait for.
    ///   - timeoutMillis: when to give up; 0 answers with what is known.
    ///   - isOver: whether nobody wants the answer any more; then it may come earlier.
    ///   - later: gets what reads the history, where that is needed, to run it once, at any time and on any
    ///     thread, or to drop it, which ends the wait; it is run at once unless said.
    ///   - completion: called once, on any thread, perhaps before this returns.
    public func wait(
        for hash: Hash32, _ mode: WaitMode, timeoutMillis: UInt64,
        isOver: @escaping @Sendable () -> Bool = { false },
        later: (@escaping @Sendable () -> Void) -> Void = { look in look() },
        _ completion: @escaping @Sendable (Awaited) -> Void
    ) {
        waits.wait(
            for: hash, mode, timeoutMillis: timeoutMillis, isOver: isOver, later: later, completion)
    }
}
