import Execution
import Ledger
import Replica
import Storage

// What a client meets: the pool's answer, and the wait for a receipt.
extension Process {
    /// A client that waits for a transaction.
    struct Waiter {
        let client: Int
        let nonce: UInt64
        let mode: Mode
    }

    /// What a client waits for.
    enum Mode: String { case executed, certified }

    /// What became of a transaction.
    enum Answer {
        case found(StoredBlock, index: Int)
        case dropped
    }

    /// Takes a transaction.
    func submit(_ raw: [UInt8]) throws -> Result<Hash32, PoolRefusal> {
        if let haltedBecause { return .failure(.notServing(haltedBecause)) }
        let transaction: VerifiedTransaction
        do throws(TransactionFault) {
            transaction = try .verify(raw, chainID: world.genesis.chainID)
        } catch {
            return .failure(.invalid(error))
        }
        let answer = admit(transaction)
        wakeSequencer()
        wakeForwarding()
        // A client that lost its connection asks again with a transaction that was executed meanwhile;
        // it must not take that for a nonce that somebody else has used.
        if case .failure(.nonceTooLow) = answer, try locate(transaction.hash) != nil {
            return .failure(.alreadyKnown(transaction.hash))
        }
        return answer
    }

    private func admit(_ transaction: VerifiedTransaction) -> Result<Hash32, PoolRefusal> {
        let standing = machine.standing(of: transaction)
        guard let answer = pool.add(transaction, standing, machine.rules) else {
            preconditionFailure("a standing that was read just now is not outdated")
        }
        return answer.map { _ in transaction.hash }
    }

    /// Lets a client wait for a transaction.
    func wait(for hash: Hash32, _ waiter: Waiter) throws {
        waiters[hash, default: []].append(waiter)
        if let found = try locate(hash) {
            try fulfil(hash, .found(found.block, index: found.index))
        }
    }

    /// Answers everybody who waits for a transaction.
    func fulfil(_ hash: Hash32, _ outcome: Answer) throws {
        for waiter in waiters.removeValue(forKey: hash) ?? [] {
            if case .found(let block, let index) = outcome,
                !mayHear(waiter, of: block.header.height)
            {
                waiters[hash, default: []].append(waiter)
                uncertified.append((hash, block.header.height, index))
                continue
            }
            try world.answer(waiter, hash, outcome, by: self)
        }
    }

    // MARK: Blocks

    /// A published block, nil above the head.
    func block(at height: UInt64) throws -> StoredBlock? {
        guard height <= head.header.height else { return nil }
        if let block = recent[height] { return block }
        return try history.block(at: height).map { try StoredBlock(decoding: $0) }
    }

    /// The block of a transaction and its place there; skipped ones are not found.
    func locate(_ hash: Hash32) throws -> (block: StoredBlock, index: Int)? {
        for height in recent.keys.sorted() {
            guard let block = recent[height] else { continue }
            for index in block.transactions.indices where try holds(block, index, hash) {
                return (block, index)
            }
        }
        var found: (block: StoredBlock, index: Int)?
        _ = try history.locate(transaction: hash) { place throws(StoreFault) in
            guard let bytes = try history.block(at: place.height),
                let block = try? StoredBlock(decoding: bytes),
                (try? holds(block, place.index, hash)) == true
            else { return false }
            found = (block, place.index)
            return true
        }
        return found
    }

    private func holds(_ block: StoredBlock, _ index: Int, _ hash: Hash32) throws -> Bool {
        try Keccak256.hash(block.transaction(index)) == hash
            && block.record(index).outcome != .skipped
    }
}
