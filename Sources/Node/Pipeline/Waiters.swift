import Ledger
import Storage
import Threads

/// How long a client may want to wait for a transaction.
public enum WaitMode: Sendable {
    /// Until its block is executed here.
    case executed
    /// Until enough banks have signed the block's header.
    case certified
}

/// What became of a transaction that somebody waits for.
public enum Awaited: Sendable {
    /// It is in this block, at this place.
    case found(StoredBlock, index: Int)
    /// It was dropped: nonce or cover no longer held when its turn came.
    case dropped
    /// The time is over and nothing is known of it yet.
    case timedOut
    /// Whether it is in an older block cannot be read: it may well be.
    case unreadable(StoreFault)
}

/// Who waits for which transaction.
final class Waiters: Sendable {
    typealias Completion = @Sendable (Awaited) -> Void

    private struct Contents {
        var byHash: [Hash32: [UInt64: Completion]] = [:]
        var next: UInt64 = 0
        var hasEnded = false
    }

    private let contents = Locked(Contents())

    var isEmpty: Bool { contents.with { $0.byHash.isEmpty } }

    /// Adds a waiter.
    /// - Returns: a ticket for ``cancel(_:_:_:)``.
    func add(_ hash: Hash32, _ completion: @escaping Completion) -> UInt64 {
        let (ticket, hasEnded) = contents.with { contents in
            contents.next += 1
            contents.byHash[hash, default: [:]][contents.next] = completion
            return (contents.next, contents.hasEnded)
        }
        if hasEnded { cancel(hash, ticket) }
        return ticket
    }

    /// Whether a waiter has no answer yet.
    func isWaiting(_ hash: Hash32, _ ticket: UInt64) -> Bool {
        contents.with { $0.byHash[hash]?[ticket] != nil }
    }

    /// Ends all waits without an answer from a block, and those that come later at once.
    func end() {
        let found = contents.with { contents in
            contents.hasEnded = true
            defer { contents.byHash = [:] }
            return contents.byHash
        }
        for hash in found.keys.sorted() {
            for completion in (found[hash] ?? [:]).sorted(by: { $0.key < $1.key }) {
                completion.value(.timedOut)
            }
        }
    }

    /// Ends a waiter without an answer from a block; does nothing if it had one.
    func cancel(_ hash: Hash32, _ ticket: UInt64, _ outcome: Awaited = .timedOut) {
        let completion = contents.with { contents in
            let found = contents.byHash[hash]?.removeValue(forKey: ticket)
            if contents.byHash[hash]?.isEmpty == true { contents.byHash[hash] = nil }
            return found
        }
        completion?(outcome)
    }

    /// Answers everybody who waits for a transaction.
    func fulfil(_ hash: Hash32, _ outcome: Awaited) {
        guard let found = contents.with({ $0.byHash.removeValue(forKey: hash) }) else { return }
        for ticket in found.keys.sorted() { found[ticket]?(outcome) }
    }
}
