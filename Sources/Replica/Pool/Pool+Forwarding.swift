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
        let range = min(max(handedOver.next, readyStart), ready.count)..<ready.count
        let (taken, end) = current(in: range, bytes: bytes)
        handedOver.next = end
        return taken
    }

    /// Whether the leader was not sent something yet.
    package var hasUnforwarded: Bool { max(handedOver.next, readyStart) < ready.count }

    /// What the leader was sent and should have come back in a block by now; called once a turn.
    ///
    /// Any single message may be lost on the way, or find no room at the leader, while others go on to be
    /// settled. What is overdue is gone through little by little and from the front again, so that a leader that is only
    /// slow is not sent everything it has once more.
    ///
    /// - Parameter bytes: the most raw bytes together, except that one transaction always goes.
    /// - Returns: in order of arrival; they stay in the pool as waiting.
    package mutating func takeOverdue(bytes: Int) -> [VerifiedTransaction] {
        handedOver.turn()
        let goesOn = takeOverdue(from: handedOver.again, bytes: bytes)
        // From the front only once the end was reached: what is settled may fill whole turns.
        guard goesOn.isEmpty, handedOver.again >= handedOver.overdue else { return goesOn }
        return takeOverdue(from: readyStart, bytes: bytes)
    }

    private mutating func takeOverdue(from place: Int, bytes: Int) -> [VerifiedTransaction] {
        let start = max(place, readyStart)
        guard start < handedOver.overdue else { return [] }
        let range = start..<min(handedOver.overdue, start + Handover.looksMax)
        let (taken, end) = current(in: range, bytes: bytes)
        handedOver.again = end
        return taken
    }

    /// Entries of the queue that still wait, up to so many bytes, and where to go on.
    private func current(
        in range: Range<Int>, bytes: Int
    ) -> (taken: [VerifiedTransaction], end: Int) {
        var taken: [VerifiedTransaction] = []
        var bytesLeft = bytes
        for index in range where isCurrent(ready[index]) {
            let next = ready[index]
            guard taken.isEmpty || next.raw.count <= bytesLeft else { return (taken, index) }
            bytesLeft -= next.raw.count
            taken.append(next)
        }
        return (taken, range.upperBound)
    }

    /// Forgets what the leader was sent, because another one leads or it can be reached again.
    package mutating func forwardAgain() { handedOver = Handover() }

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
        handedOver = Handover()
        (readyBytes, takenBytes) = (0, 0)
    }

    /// Forgets entries of the queue that were taken, replaced, or settled without having been taken here.
    ///
    /// They keep their transactions in memory, each of up to half a megabyte.
    mutating func compactReady() {
        if readyStart == ready.count { return clearReady() }
        if readyStart > 1 << 16 || takenBytes > limits.leftoverBytes {
            ready.removeFirst(readyStart)
            handedOver.move { [readyStart] in max($0 - readyStart, 0) }
            readyStart = 0
            readyBytes -= takenBytes
            takenBytes = 0
        }
        // On a node that does not lead nothing is taken, so what was settled would stay for ever.
        guard
            ready.count - readyStart > 2 * count + 1_024
                || readyBytes - takenBytes - bytes > limits.leftoverBytes
        else { return }
        let kept = (readyStart..<ready.count).filter { isCurrent(ready[$0]) }
        handedOver.move { place in kept.firstIndex { $0 >= place } ?? kept.count }
        ready = kept.map { ready[$0] }
        readyStart = 0
        takenBytes = 0
        readyBytes = ready.reduce(0) { $0 + $1.raw.count }
    }
}
