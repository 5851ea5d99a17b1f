import Execution
import Ledger
import Replica
import Storage
import Threads

/// Makes of what consensus ordered the next body and its verified transactions.
///
/// A leader that breaks the rules can order anything. What no node can execute is passed over by all of
/// them, as if it had not been ordered.
struct BodyReader: Sendable {
    /// What was ordered.
    enum Ordered {
        /// A body that was executed before, or passed over.
        case known
        /// The next one.
        case next(Body, [VerifiedTransaction])
        /// What every node passes over, and why.
        case void(String)
    }

    private let chain: Chain
    private let pool: Locked<PoolState>
    private let workers: WorkerPool<Submitter>
    private let cut: Locked<CutBodies>

    init(
        chain: Chain, pool: Locked<PoolState>, workers: WorkerPool<Submitter>,
        cut: Locked<CutBodies>
    ) {
        self.chain = chain
        self.pool = pool
        self.workers = workers
        self.cut = cut
    }

    /// Reads what consensus ordered.
    ///
    /// - Parameters:
    ///   - payload: the entry.
    ///   - position: the place of the log to which it was read, which moves on.
    /// - Returns: what it is.
    /// - Throws: ``NodeFault/badBody(_:)`` if this program is too old for the next block, ``NodeFault/store(_:)``.
    func read(
        _ payload: [UInt8], at position: inout LogPosition
    ) throws(NodeFault) -> Ordered {
        let (height, versionFault) = chain.withMachine { ($0.tip.height, $0.versionFault) }
        // The bodies of an unknown version may have another form.
        if let versionFault { throw .badBody(versionFault.description) }
        let body: Body
        do {
            body = try Body(decoding: payload)
        } catch {
            return .void(error.description)
        }
        do throws(StoreFault) {
            let isPast = try position.passes(body, tip: height) { height throws(StoreFault) in
                try chain.block(at: height)?.header.body
            }
            if isPast { return .known }
        } catch {
            throw NodeFault(error)
        }
        guard body.height > height else { return .known }
        let fault = chain.withMachine { machine -> BodyFault? in
            do throws(BodyFault) {
                try machine.check(body)
                return nil
            } catch { return error }
        }
        // No body is lacking here alone: the log begins with the first one, or behind a snapshot up to which
        // this node fetched everything.
        if let fault { return .void(fault.description) }
        if let known = cut.with({ $0.take(height: body.height) }), known.body.bytes == payload {
            return .next(known.body, known.transactions)
        }
        do throws(BodyFault) {
            return .next(body, try verify(body))
        } catch {
            return .void(error.description)
        }
    }

    /// Recovers the signers of a body that this process did not cut itself, on all cores.
    private func verify(_ body: Body) throws(BodyFault) -> [VerifiedTransaction] {
        typealias Verified = Result<VerifiedTransaction, TransactionFault>
        let count = body.transactions.count
        let chainID = chain.genesis.chainID
        let share = max((count + 4 * workers.count - 1) / (4 * workers.count), 1)
        let parts = Locked((done: 0, results: [Int: [Verified]]()))
        let hasPool = pool.with { $0.pool.count > 0 }
        var started = 0
        for start in stride(from: 0, to: count, by: share) {
            started += 1
            let verify = { @Sendable [pool] in
                let results = (start..<min(start + share, count)).map { index -> Verified in
                    let raw = body.transaction(index)
                    // Clients gave it to this node too: the signer is known.
                    if hasPool, let known = pool.with({ $0.pool.transaction(Keccak256.hash(raw)) })
                    {
                        return .success(known)
                    }
                    do throws(TransactionFault) {
                        return .success(try .verify(Array(raw), chainID: chainID))
                    } catch {
                        return .failure(error)
                    }
                }
                parts.withSignal { parts in
                    parts.results[start] = results
                    parts.done += 1
                }
            }
            // This thread would only wait, so the last share is its own: mostly the only one.
            if start + share >= count { verify(); break }
            // What is committed goes before what clients and peers hand in.
            workers.submit(first: true, verify)
        }
        let results = parts.wait { parts in
            parts.done == started ? .done(parts.results) : .again(nil)
        }
        var transactions: [VerifiedTransaction] = []
        transactions.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: share) {
            for (offset, result) in (results[start] ?? []).enumerated() {
                switch result {
                case .success(let transaction): transactions.append(transaction)
                case .failure(let fault): throw .badTransaction(index: start + offset, fault)
                }
            }
        }
        return transactions
    }
}
