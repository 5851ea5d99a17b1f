import Execution
import Ledger

// What a node does with its pool that does not lead: it keeps what its clients gave it, hands copies to
// the leader, and hands them over again when another one leads. Whatever was handed over twice is
// ordered twice at worst, and the second time its nonce is used: it is skipped.
extension Pool {
    /// The next transactions that the leader was not sent yet, in order of arrival.
    ///
    /// - Parameter bytes: the most raw bytes together, except that one transaction always goes.
    /// - Returns: empty if the leader was sent everything; they stay in the pool as waiting.
    package mutating func takeForForwarding(bytes: Int) -> [VerifiedTransaction] {
        var taken: [VerifiedTransaction] = []
        var bytesLeft = bytes
        forwardStart = max(forwardStart, readyStart)
        while forwardStart < ready.count {
            let next = ready[forwardStart]
            if isCurrent(next) {
                guard taken.isEmpty || next.raw.count <= bytesLeft else { break }
                bytesLeft -= next.raw.count
                taken.append(next)
            }
            forwardStart += 1
        }
        return taken
    }

    /// Whether the leader was not sent something yet.
    package var hasUnforwarded: Bool { max(forwardStart, readyStart) < ready.count }

    /// Forgets what the leader was sent, because another one leads, or because it seems to have lost it.
    package mutating func forwardAgain() { forwardStart = 0 }

    /// Takes back what was taken for bodies and not settled: its bodies may never be executed.
    ///
    /// All that waits is then in the order of accounts and nonces.
    package mutating func takeBackOrdered() {
        clearReady()
        var behindGaps: [VerifiedTransaction] = []
        for address in accounts.keys.sorted() {
            guard var account = accounts[address] else { continue }
            account.nextReady = account.nonce
            for nonce in account.waiting.nonces {
                account.waiting[nonce]?.isOrdered = false
                account.waiting[nonce]?.isReady = false
            }
            queueRow(of: &account)
            for nonce in account.waiting.nonces where nonce >= account.nextReady {
                if let entry = account.waiting[nonce] { behindGaps.append(entry.transaction) }
            }
            accounts[address] = account
        }
        // Some that were ordered waited for one that was skipped; like all that wait so, they make room for others.
        for transaction in behindGaps { noteGap(transaction) }
    }

    private mutating func clearReady() {
        ready.removeAll(keepingCapacity: true)
        readyStart = 0
        forwardStart = 0
        (readyBytes, takenBytes) = (0, 0)
    }

    /// Forgets entries of the queue that were taken, replaced, or settled without having been taken here.
    ///
    /// They keep their transactions in memory, each of up to half a megabyte.
    mutating func compactReady() {
        if readyStart == ready.count { return clearReady() }
        if readyStart > 1 << 16 || takenBytes > limits.leftoverBytes {
            ready.removeFirst(readyStart)
            forwardStart = max(forwardStart - readyStart, 0)
            readyStart = 0
            readyBytes -= takenBytes
            takenBytes = 0
        }
        // On a node that does not lead nothing is taken, so what was settled would stay for ever.
        guard
            ready.count - readyStart > 2 * count + 1_024
                || readyBytes - takenBytes - bytes > limits.leftoverBytes
        else { return }
        var kept: [VerifiedTransaction] = []
        kept.reserveCapacity(count)
        var forwarded = 0
        (readyBytes, takenBytes) = (0, 0)
        for index in readyStart..<ready.count where isCurrent(ready[index]) {
            kept.append(ready[index])
            readyBytes += ready[index].raw.count
            if index < forwardStart { forwarded += 1 }
        }
        ready = kept
        readyStart = 0
        forwardStart = forwarded
    }
}
