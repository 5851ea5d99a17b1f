import Consensus
import Execution
import Gateway
import Ledger
import Replica
import Threads

/// The way of transactions into the pool: signatures on all cores, then one look at the state for all.
final class Intake: Sendable {
    /// What became of one transaction.
    typealias Answer = Result<Hash32, PoolRefusal>
    /// One whose signer was found, or why not.
    typealias Verified = Result<VerifiedTransaction, PoolRefusal>

    /// Transactions that were handed in together, on their way.
    private struct Handover: Sendable {
        /// Whose turns they take.
        let submitter: Submitter
        /// Charged for what is refused.
        let submission: RefusalBudget.Submission?
        /// Called once some are in the pool.
        let admitted: (@Sendable () -> Void)?
        /// Gets the answers.
        let completion: @Sendable ([Answer]) -> Void
    }

    private let chain: Chain
    private let pool: Locked<PoolState>
    private let workers: WorkerPool<Submitter>
    private let sequencer: Sequencer
    private let waiters: Waiters
    /// What each peer forwarded and of which the signatures are not checked yet.
    private let unchecked = Locked(UncheckedForwards())
    /// How many are verified by one thread before another could take a share.
    private static let share = 16
    /// How many are looked up in the history before another could take a share.
    private static let lookups = 64
    /// How many blocks are read for that; a hash that the index does not know needs none.
    private static let blockReads = 4

    init(
        chain: Chain, pool: Locked<PoolState>, workers: WorkerPool<Submitter>, sequencer: Sequencer,
        waiters: Waiters
    ) {
        self.waiters = waiters
        self.sequencer = sequencer
        self.chain = chain
        self.pool = pool
        self.workers = workers
    }

    /// Takes raw transactions; `completion` gets one answer each, in order, on a worker's thread or at once.
    ///
    /// Clients and peers take turns, and in a client's turns its connections: one that sends very many keeps
    /// another waiting for one share of its own.
    ///
    /// - Parameters:
    ///   - raws: the bytes.
    ///   - submitter: whose turns they take.
    ///   - budget: what of them may be refused after their signers were looked for. Once it is used up, the shares
    ///     that are left are not looked at. Peers have none: each checks what its own clients send, and what it
    ///     forwards and is dropped here nobody would tell the client.
    ///   - admitted: called once some are in the pool, on the thread that brought them there, also where nobody
    ///     gets the answers any more.
    ///   - completion: gets the answers; not called once the submitter is forgotten.
    func submit(
        _ raws: [[UInt8]], of submitter: Submitter, within budget: RefusalBudget? = nil,
        admitted: (@Sendable () -> Void)? = nil, completion: @escaping @Sendable ([Answer]) -> Void
    ) {
        guard !raws.isEmpty else { return completion([]) }
        let handover = Handover(
            submitter: submitter, submission: budget?.begin(), admitted: admitted,
            completion: completion)
        if raws.count == 1, pool.with({ $0.takeCheck() }) { return submitHere(raws, handover) }
        let shares = (raws.count + Self.share - 1) / Self.share
        guard shares > 1 else {
            return workers.submit(of: submitter) { [self] in
                judge(verify(raws[...], handover.submission), handover)
            }
        }
        let gathering = Gathering(count: raws.count, shares: shares)
        for share in 0..<shares {
            let range = (share * Self.share)..<min((share + 1) * Self.share, raws.count)
            workers.submit(of: submitter) { [self] in
                let verified = verify(raws[range], handover.submission)
                if let all = gathering.put(verified, at: range.lowerBound) { judge(all, handover) }
            }
        }
    }

    /// Takes a transaction that comes alone to a node at rest on the caller's thread.
    ///
    /// To wake another takes a third as long as the whole payment then spends in verifying it. Whatever may
    /// take longer, as to read from the disk, is left to the workers.
    private func submitHere(_ raws: [[UInt8]], _ handover: Handover) {
        let verified = verify(raws[...], handover.submission)
        guard let answer = admitInMemory(verified[0], handover) else {
            return workers.submit(of: handover.submitter) { [self] in judge(verified, handover) }
        }
        let recognition = Recognition([answer], of: verified)
        guard !recognition.isDone else { return handover.completion(recognition.answers) }
        workers.submit(of: handover.submitter) { [self] in recognize(recognition, handover) }
    }

    /// Puts into the pool what can be, and looks for the rest in the history.
    private func judge(_ verified: [Verified], _ handover: Handover) {
        recognize(Recognition(admit(verified, handover), of: verified), handover)
    }

    /// Takes transactions that another node forwards; it keeps them itself until it sees them in a block.
    ///
    /// While too many of one node's wait for their signatures to be checked, more are dropped: it hands
    /// them over again.
    func forwarded(_ raws: [[UInt8]], by peer: NodeID) {
        let load = UncheckedForwards.Load(raws)
        guard unchecked.with({ $0.take(load, of: peer) }) else { return }
        submit(raws, of: .peer(peer)) { [unchecked] _ in
            unchecked.with { $0.release(load, of: peer) }
        }
    }

    /// Drops what a submitter that is gone waits for: nobody would read the answers.
    ///
    /// A job that runs meanwhile goes on to its end, and a look into the history of what it has refused too: the
    /// budget bounds how much that is.
    func forget(_ submitter: Submitter) { workers.drop(of: submitter) }

    /// Finds the signers of those that are not refused whoever sent them.
    ///
    /// What is sent again, as to a leader, is mostly in the pool or in the last blocks.
    private func verify(
        _ raws: ArraySlice<[UInt8]>, _ submission: RefusalBudget.Submission?
    ) -> [Verified] {
        if let millis = submission?.wait(for: raws.count) {
            return raws.map { _ in .failure(.tooManyRefused(retryMillis: millis)) }
        }
        let read = raws.map { raw -> Result<UnverifiedTransaction, PoolRefusal> in
            do throws(TransactionFault) {
                return .success(try UnverifiedTransaction(raw, chainID: chain.genesis.chainID))
            } catch {
                return .failure(.invalid(error))
            }
        }
        let refusals = pool.with { state in
            read.map { one -> PoolRefusal? in
                guard case .success(let unverified) = one else { return nil }
                return state.refusal(of: unverified.hash)
            }
        }
        let rules = chain.overview.rules
        var (unsigned, signed) = (0, 0)
        defer { submission?.searched(refused: unsigned, found: signed) }
        return zip(read, refusals).map { one, refusal in
            one.flatMap { unverified in
                if let why = refusal ?? self.refusal(of: unverified, rules) {
                    return .failure(why)
                }
                do throws(TransactionFault) {
                    let verified = try unverified.verified()
                    signed += 1
                    return .success(verified)
                } catch {
                    unsigned += 1
                    return .failure(.invalid(error))
                }
            }
        }
    }

    /// Why a transaction is refused whoever signed it.
    ///
    /// One that was executed is known: whether it would be taken today is not what its sender must learn.
    /// Only the blocks in memory are asked, for as yet it may be anybody's rubbish; the history is read for
    /// what somebody has signed.
    private func refusal(of unverified: UnverifiedTransaction, _ rules: Rules) -> PoolRefusal? {
        guard !chain.hasRecently(executed: unverified.hash) else {
            return .alreadyKnown(unverified.hash)
        }
        return Pool.refusal(
            of: unverified.transaction, price: rules.gasPrice, blockGas: rules.blockGasLimit)
    }

    private func admit(_ verified: [Verified], _ handover: Handover) -> [Answer] {
        var answers: [Answer?] = verified.map { result in
            if case .failure(let refusal) = result { .failure(refusal) } else { nil }
        }
        var refused = 0
        // Nearly always one round; another for accounts of which a block was settled meanwhile.
        while answers.contains(where: { $0 == nil }) {
            admitOnce(verified, of: handover.submission, &answers, &refused)
        }
        handover.submission?.judged(refused: refused)
        let all = answers.compactMap { $0 }
        if all.contains(where: \.isTaken) { handover.admitted?() }
        return all
    }

    /// Puts a transaction into the pool, if what the pool must know of its sender is in memory and nobody uses the
    /// machine; nil if not.
    private func admitInMemory(_ verified: Verified, _ handover: Handover) -> Answer? {
        let transaction: VerifiedTransaction
        switch verified {
        case .success(let signed): transaction = signed
        case .failure(let refusal): return .failure(refusal)
        }
        let found = chain.tryMachine { machine in
            machine.standingInMemory(of: transaction).map { ($0, machine.rules) }
        }
        guard let (standing, rules) = found ?? nil,
            let place = pool.with({ $0.add(transaction, of: handover.submission, standing, rules) })
        else { return nil }
        handover.submission?.judged(refused: place.isCharged ? 1 : 0)
        sequencer.cutHere()
        if case .success = place { handover.admitted?() }
        return place.map { _ in transaction.hash }
    }

    /// Gives an answer to each transaction that has none, except where the account must be read again.
    private func admitOnce(
        _ verified: [Verified], of source: RefusalBudget.Submission?,
        _ answers: inout [Answer?], _ refused: inout Int
    ) {
        let (standings, rules) = chain.withMachine { machine in
            machine.expect(
                verified.compactMap {
                    if case .success(let transaction) = $0 { transaction } else { nil }
                })
            let standings = verified.indices.map { index -> Standing? in
                guard answers[index] == nil, case .success(let transaction) = verified[index]
                else { return nil }
                return machine.standing(of: transaction)
            }
            return (standings, machine.rules)
        }
        let isAlone = verified.count == 1
        let evicted = pool.with(signalIf: { _ in !isAlone }) { state in
            for (index, standing) in standings.enumerated() {
                guard let standing, case .success(let transaction) = verified[index] else {
                    continue
                }
                guard let place = state.add(transaction, of: source, standing, rules)
                else { continue }
                if place.isCharged { refused += 1 }
                answers[index] = place.map { _ in transaction.hash }
            }
            return state.pool.takeEvicted()
        }
        for hash in evicted { waiters.fulfil(hash, .dropped) }
        if isAlone { sequencer.cutHere() }
    }

    /// Looks a few transactions up in the history, and the rest in the caller's later turns.
    private func recognize(_ recognition: Recognition, _ handover: Handover) {
        var recognition = recognition
        recognition.look(atMost: Self.lookups, reads: Self.blockReads) { hash, reads in
            (try? chain.locate(hash, reads: &reads)) != nil
        }
        guard !recognition.isDone else { return handover.completion(recognition.answers) }
        workers.submit(of: handover.submitter) { [self, recognition] in
            recognize(recognition, handover)
        }
    }
}

extension RefusalBudget.Submission: TransactionSource {}

extension Result<Pool.Place, PoolRefusal> {
    /// Whether a signed transaction cost the search for its signer for nothing.
    fileprivate var isCharged: Bool {
        switch self {
        case .success(.ready), .success(.behindGap): false
        case .success(.ofAnother), .failure: true
        }
    }
}

extension Intake.Answer {
    fileprivate var isTaken: Bool {
        if case .success = self { true } else { false }
    }
}
