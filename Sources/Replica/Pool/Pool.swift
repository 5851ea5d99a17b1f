import Execution
import Ledger

/// Verified transactions that wait to be ordered, each account's in the order of its nonces.
///
/// A value with no lock and no clock; whoever shares it locks it.
package struct Pool {
    /// Limits of the pool.
    package struct Limits: Sendable {
        /// Transactions in all, waiting and being ordered.
        package var transactions: Int
        /// Bytes in all.
        package var bytes: Int
        /// Transactions of one account.
        package var account: Int
        /// How far a nonce may be ahead of the account's next.
        package var nonceWindow: UInt64
        /// Bytes of what was replaced, ordered or settled that may still lie in the queue beside what waits.
        package var leftoverBytes: Int

        /// Sets limits; the usual ones unless told otherwise.
        package init(
            transactions: Int = 200_000, bytes: Int = 512 << 20, account: Int = 20_000,
            nonceWindow: UInt64 = 20_000, leftoverBytes: Int = 64 << 20
        ) {
            self.transactions = transactions
            self.bytes = bytes
            self.account = account
            self.nonceWindow = nonceWindow
            self.leftoverBytes = leftoverBytes
        }
    }

    struct Waiting {
        var transaction: VerifiedTransaction
        /// Charged if a block skips it, or one before it.
        var source: (any TransactionSource)?
        /// Set once it was taken for a body; it cannot be replaced from then on.
        var isOrdered = false
        var isReady = false
    }

    struct Account {
        /// The next nonce by the last executed block.
        var nonce: UInt64
        /// All nonces from `nonce` up to this one are in the pool.
        var nextReady: UInt64
        var waiting = NonceRow()
    }

    let limits: Limits
    var accounts: [Address: Account] = [:]
    private var hashes: [DigestKey: VerifiedTransaction] = [:]
    /// Arrival order; entries that were replaced or dropped meanwhile are passed over.
    var ready: [VerifiedTransaction] = []
    var readyStart = 0
    /// Bytes of all in ``ready``, and of those before ``readyStart``.
    var (readyBytes, takenBytes) = (0, 0)
    /// How far ``ready`` was handed to the leader.
    var handedOver = Handover()
    /// Those that wait for a nonce that is missing, by arrival; entries that wait no more are passed over.
    private var gaps = GapQueue()
    /// Dropped to make room, and not told of yet.
    private var evicted: [Hash32] = []
    private(set) var bytes = 0
    /// The height of the last block that was settled.
    private var heightSettled: UInt64 = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// Transactions in the pool, waiting and being ordered.
    package var count: Int { hashes.count }

    /// Whether there may be something to order.
    package var hasReady: Bool { readyStart < ready.count }

    /// A transaction of the pool.
    package func transaction(_ hash: Hash32) -> VerifiedTransaction? { hashes[DigestKey(hash)] }

    /// The nonce after the account's last transaction in an unbroken row, nil if it has none here.
    package func pendingNonce(of account: Address) -> UInt64? { accounts[account]?.nextReady }

    /// The transactions that wait, by arrival, at most so many.
    package func waiting(limit: Int) -> [VerifiedTransaction] {
        Array(ready[readyStart...].lazy.filter(isCurrent).prefix(limit))
    }

    /// Whether a standing is too old to begin an account with.
    ///
    /// An account that has nothing here is forgotten. A standing read before a block that executed its last
    /// transaction would bring it back with a nonce that is used, and what follows would wait for ever.
    package func isOutdated(_ standing: Standing, of account: Address) -> Bool {
        standing.height < heightSettled && accounts[account] == nil
    }

    /// Takes a transaction.
    ///
    /// - Parameters:
    ///   - verified: the transaction.
    ///   - source: charged if a block skips it, or one before it in its sender's row.
    ///   - standing: the sender's, read after the last executed block.
    ///   - price: the price of gas.
    ///   - blockGas: the gas of a block.
    /// - Returns: where it stands.
    /// - Throws: the first refusal; then nothing was added.
    @discardableResult
    package mutating func add(
        _ verified: VerifiedTransaction, of source: (any TransactionSource)? = nil,
        standing: Standing, price: UInt128, blockGas: UInt64
    ) throws(PoolRefusal) -> Place {
        guard hashes[DigestKey(verified.hash)] == nil else { throw .alreadyKnown(verified.hash) }
        let nonce = verified.transaction.nonce
        var account =
            accounts[verified.sender]
            ?? Account(nonce: standing.nonce, nextReady: standing.nonce)
        // A block may have been executed between reading the standing and now, never the other way.
        let next = max(account.nonce, standing.nonce)
        // Before what it costs is asked: a sender that cannot pay any more must still learn that its
        // transaction was executed.
        guard nonce >= next else { throw .nonceTooLow(given: nonce, next: next) }
        try check(
            verified.transaction, of: verified.sender, standing: standing, price: price,
            blockGas: blockGas)
        guard nonce - next < limits.nonceWindow else {
            throw .nonceTooHigh(given: nonce, next: next, window: limits.nonceWindow)
        }
        let old = account.waiting[nonce]
        if let old {
            try checkReplacement(of: old, by: verified.transaction)
            guard bytes - old.transaction.raw.count + verified.raw.count <= limits.bytes else {
                throw .full(limit: hashes.count)
            }
            forget(old.transaction)
        } else {
            guard account.waiting.count < limits.account else {
                throw .accountFull(limit: limits.account)
            }
            guard hasRoom(for: verified) || nonce == account.nextReady && makeRoom(for: verified)
            else { throw .full(limit: hashes.count) }
        }
        // Nothing else may refer to what waits while it changes, or all of it would be copied.
        accounts[verified.sender] = nil
        account.waiting[nonce] = Waiting(transaction: verified, source: source)
        hashes[DigestKey(verified.hash)] = verified
        bytes += verified.raw.count
        let isGap = nonce > account.nextReady
        promote(&account, from: nonce)
        accounts[verified.sender] = account
        // Now, since the queue asks for the account whether its entries still hold.
        if isGap { noteGap(verified) }
        // What it replaces stays in the queue, which at a node that no block reaches nobody else clears.
        if old != nil { compactReady() }
        return old != nil ? .ofAnother : isGap ? .behindGap : .ready
    }

    // MARK: Room

    private func hasRoom(for transaction: VerifiedTransaction) -> Bool {
        hashes.count < limits.transactions && bytes + transaction.raw.count <= limits.bytes
    }

    private static func isWaiting(_ gap: GapQueue.Gap, in accounts: [Address: Account]) -> Bool {
        guard let entry = accounts[gap.sender]?.waiting[gap.nonce] else { return false }
        return !entry.isReady && entry.transaction.hash == gap.hash
    }

    mutating func noteGap(_ transaction: VerifiedTransaction) {
        gaps.append(
            GapQueue.Gap(
                sender: transaction.sender, nonce: transaction.transaction.nonce,
                hash: transaction.hash))
        if gaps.count > 1024, gaps.count > 2 * hashes.count {
            gaps.compact { [accounts] in Self.isWaiting($0, in: accounts) }
        }
    }

    /// Drops what has waited longest for a missing nonce, other accounts' only, until there is room.
    ///
    /// What can be executed pays; what waits costs nobody anything, and would keep the pool full for ever.
    private mutating func makeRoom(for transaction: VerifiedTransaction) -> Bool {
        var (place, own, dropped) = (0, 0, 0)
        // Whoever has very many of its own at the front is not worth a longer search.
        while !hasRoom(for: transaction), place < gaps.count, own < 256 {
            let oldest = gaps[place]
            place += 1
            guard Self.isWaiting(oldest, in: accounts) else { continue }
            guard oldest.sender != transaction.sender else {
                own += 1
                continue
            }
            if let entry = accounts[oldest.sender]?.waiting.remove(oldest.nonce) {
                forget(entry.transaction)
            }
            if accounts[oldest.sender]?.waiting.isEmpty ?? false {
                accounts[oldest.sender] = nil
            }
            evicted.append(oldest.hash)
            dropped += 1
        }
        gaps.note(removed: dropped) { [accounts] in Self.isWaiting($0, in: accounts) }
        return hasRoom(for: transaction)
    }

    /// The transactions that were dropped to make room since the last call; no block will tell of them.
    package mutating func takeEvicted() -> [Hash32] {
        defer { evicted = [] }
        return evicted
    }

    // MARK: Order

    private mutating func promote(_ account: inout Account, from nonce: UInt64) {
        if nonce < account.nextReady {
            // A replacement: the old entry in the queue is passed over, the new one goes to its end.
            if let entry = account.waiting[nonce] {
                account.waiting[nonce]?.isReady = true
                queue(entry.transaction)
            }
            return
        }
        queueRow(of: &account)
    }

    /// Puts what follows without a gap into the queue.
    mutating func queueRow(of account: inout Account) {
        while let entry = account.waiting[account.nextReady] {
            account.waiting[account.nextReady]?.isReady = true
            queue(entry.transaction)
            account.nextReady += 1
        }
    }

    private mutating func queue(_ transaction: VerifiedTransaction) {
        ready.append(transaction)
        readyBytes += transaction.raw.count
    }

    private mutating func forget(_ transaction: VerifiedTransaction) {
        if hashes.removeValue(forKey: DigestKey(transaction.hash)) != nil {
            bytes -= transaction.raw.count
        }
    }

    func isCurrent(_ transaction: VerifiedTransaction) -> Bool {
        guard let entry = accounts[transaction.sender]?.waiting[transaction.transaction.nonce]
        else { return false }
        return entry.transaction === transaction && !entry.isOrdered
    }

    /// Takes transactions for a body, in the order of arrival and of each account's nonces.
    ///
    /// - Parameters:
    ///   - gas: the most that they may ask for together, those left out that ask for more alone.
    ///   - bytes: the most that their raw bytes may be together.
    /// - Returns: the transactions; they stay in the pool as being ordered until ``settle(height:_:skipped:)``.
    package mutating func take(gas: UInt64, bytes: Int) -> [VerifiedTransaction] {
        var taken: [VerifiedTransaction] = []
        var gasLeft = gas
        var bytesLeft = bytes
        while readyStart < ready.count {
            let next = ready[readyStart]
            let nonce = next.transaction.nonce
            guard let index = accounts.index(forKey: next.sender),
                let entry = accounts.values[index].waiting[nonce], entry.transaction === next,
                !entry.isOrdered
            else {
                pass(next)
                continue
            }
            // What asks for more than any block has, since the banks lowered that, would hold up all behind it for
            // ever. It goes along, execution skips it, and so whoever sent it hears of it.
            let gasAsked = next.transaction.gasLimit <= gas ? next.transaction.gasLimit : 0
            guard gasAsked <= gasLeft, next.raw.count + 4 <= bytesLeft else { break }
            gasLeft -= gasAsked
            bytesLeft -= next.raw.count + 4
            accounts.values[index].waiting[nonce]?.isOrdered = true
            taken.append(next)
            pass(next)
        }
        compactReady()
        return taken
    }

    private mutating func pass(_ next: VerifiedTransaction) {
        readyStart += 1
        takenBytes += next.raw.count
    }

    /// Removes what a block executed or skipped, and moves its senders on.
    ///
    /// - Parameters:
    ///   - height: the block's.
    ///   - transactions: the block's, in order.
    ///   - skipped: whether the one at an index was skipped. Unless that was a repetition of one that was
    ///     executed, its nonce was not used: what is left of its sender's row is dropped, because it
    ///     can no longer follow. Both are charged to who handed them in.
    ///   - isExcused: whether a skipped one would be refused whoever sent it, as where the banks raised the price of
    ///     gas meanwhile: then nobody is charged.
    /// - Returns: dropped transactions, of which nobody will hear from a block.
    package mutating func settle(
        height: UInt64, _ transactions: [VerifiedTransaction], skipped: (Int) -> Bool,
        isExcused: (Transaction) -> Bool = { _ in false }
    ) -> [VerifiedTransaction] {
        heightSettled = height
        defer { compactReady() }
        var dropped: [VerifiedTransaction] = []
        var charges = Charges()
        defer { charges.tell() }
        for (index, transaction) in transactions.enumerated() {
            forget(transaction)
            guard var account = accounts.removeValue(forKey: transaction.sender) else { continue }
            let nonce = transaction.transaction.nonce
            let own = account.waiting.remove(nonce)
            if let other = own?.transaction, other !== transaction, other.hash != transaction.hash {
                forget(other)
                dropped.append(other)
            }
            if skipped(index), nonce >= account.nonce {
                let isCharged = !isExcused(transaction.transaction)
                if isCharged { charges.note(own?.source) }
                for nonce in account.waiting.nonces {
                    guard let entry = account.waiting[nonce], !entry.isOrdered else { continue }
                    account.waiting.remove(nonce)
                    forget(entry.transaction)
                    dropped.append(entry.transaction)
                    if isCharged { charges.note(entry.source) }
                }
                if account.waiting.isEmpty { continue }
            } else {
                account.nonce = max(account.nonce, nonce + 1)
                account.nextReady = max(account.nextReady, account.nonce)
                // The transaction may have come by another node, and what waits here follows it.
                promote(&account, from: account.nextReady)
            }
            if !account.waiting.isEmpty { accounts[transaction.sender] = account }
        }
        return dropped
    }
}
