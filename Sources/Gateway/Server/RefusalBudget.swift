import Logging
import NIOCore
import Synchronization

/// How many of one client's transactions may still be refused before none is looked at for a while.
///
/// To refuse a transaction whose signer had to be found costs as much as to take one, and nobody pays for it. Each
/// that is refused so is charged, and so is each that is taken into the pool and skipped by a block, as where the one
/// before it spends what all of them count on. Time alone gives back. What is under way when nothing is left is charged
/// all the same, so that the budget may be below nothing.
///
/// Whoever has very many addresses has as many budgets; so all clients together have one as well, from which each
/// takes what it has itself and never what it owes. While that is used up, each client has a spare one, so small that
/// many of them are little, which is charged only then and never below nothing: nobody waits for it for long.
public final class RefusalBudget: Sendable {
    private let client: ClientAddress
    private let book: RefusalBook
    private let own: TokenBucket
    private let spare: TokenBucket
    /// Submissions that are not settled yet; until they are, the client must not be forgotten.
    private let underWay = Atomic<Int>(0)

    init(of client: ClientAddress, _ book: RefusalBook, now: NIODeadline) {
        self.client = client
        self.book = book
        own = TokenBucket(book.own, now: now)
        spare = TokenBucket(book.spare, now: now)
    }

    /// A budget that no other client shares.
    package convenience init(_ limit: RateLimit, metrics: Metrics = Metrics()) {
        let book = RefusalBook(limit, metrics: metrics, logger: Logger(label: "refusals"))
        self.init(of: .here, book, now: .now())
    }

    /// Whether nothing that the client sends is to be looked at now.
    ///
    /// - Parameter count: how much it sends, which is counted as turned away if so.
    /// - Returns: milliseconds, at least 1, after which it may come again; nil if what it sends is to be looked at.
    public func wait(for count: Int) -> UInt64? { wait(for: count, now: .now()) }

    func wait(for count: Int, now: NIODeadline) -> UInt64? {
        guard let nanoseconds = wait(now: now) else { return nil }
        let milliseconds = UInt64(max(nanoseconds, 0)) / 1_000_000 + 1
        book.turnedAway(count, of: client, for: milliseconds, now: now)
        return milliseconds
    }

    private func wait(now: NIODeadline) -> Int64? {
        if let own = own.wait(now: now) { return own }
        // The client's first: what all share is asked only where that is used up, which is rare.
        guard let spare = spare.wait(now: now), let all = book.all.wait(now: now) else {
            return nil
        }
        return min(all, spare)
    }

    /// Registers a submission: until it ends the client is not forgotten, so that whoever has left meanwhile is
    /// charged as well.
    public func begin() -> Submission {
        underWay.wrappingAdd(1, ordering: .relaxed)
        return Submission(of: self)
    }

    /// Transactions that a client hands in together, held until it is known what becomes of the last of them.
    public final class Submission: Sendable {
        private let budget: RefusalBudget
        /// Transactions whose signers were found, of which it is not known yet what becomes.
        private let found = Atomic<Int>(0)

        fileprivate init(of budget: RefusalBudget) { self.budget = budget }

        /// What is dropped on the way has cost the search for signers in vain, as what is refused has.
        deinit {
            budget.charge(refused: found.load(ordering: .relaxed))
            budget.underWay.wrappingSubtract(1, ordering: .relaxed)
        }

        /// See ``RefusalBudget/wait(for:)``.
        public func wait(for count: Int) -> UInt64? { budget.wait(for: count) }

        /// Charges some of the transactions, and notes of others that their signers were found.
        ///
        /// - Parameters:
        ///   - refused: how many cost the node the search for a signer, and their sender nothing.
        ///   - found: how many may still be taken.
        public func searched(refused: Int, found: Int) {
            budget.charge(refused: refused)
            self.found.wrappingAdd(found, ordering: .relaxed)
        }

        /// Charges what became of those whose signers were found.
        ///
        /// - Parameter refused: how many of them cost their sender nothing.
        public func judged(refused: Int) {
            found.store(0, ordering: .relaxed)
            budget.charge(refused: refused)
        }

        /// Charges some that were taken, and that a block skipped or that waited behind such a one.
        public func charge(refused: Int) { budget.charge(refused: refused) }
    }

    /// Charges transactions that are refused.
    ///
    /// - Parameter refused: how many cost the node the search for a signer, and their sender nothing.
    func charge(refused: Int) { settle(refused: refused, now: .now()) }

    func settle(refused: Int, now: NIODeadline) {
        guard refused > 0 else { return }
        book.all.drain(own.charge(refused, now: now), now: now)
        if book.all.wait(now: now) != nil { spare.drain(refused, now: now) }
    }

    /// Whether it is as if nothing had been refused, nor can be.
    func isWhole(now: NIODeadline) -> Bool {
        underWay.load(ordering: .relaxed) == 0 && own.isFull(now: now) && spare.isFull(now: now)
    }
}

/// What the budgets of all clients of a server share.
final class RefusalBook: Sendable {
    /// Of one client.
    let own: RateLimit
    /// Of one client while ``all`` is used up.
    let spare: RateLimit
    /// Of all clients together.
    let all: TokenBucket
    private let count: Counter
    private let logger: Logger
    private let lastTold = Mutex(NIODeadline?.none)

    /// - Parameters:
    ///   - own: of one client; all together have five times that, and a client a hundredth while that is used up.
    ///   - metrics: gets a counter.
    ///   - logger: is told at most once a minute.
    ///   - now: the time.
    init(_ own: RateLimit, metrics: Metrics, logger: Logger, now: NIODeadline = .now()) {
        self.own = own
        spare = RateLimit(callsPerSecond: own.callsPerSecond / 100, burst: own.burst / 100)
        all = TokenBucket(
            RateLimit(
                callsPerSecond: Self.five(own.callsPerSecond), burst: Self.five(own.burst)),
            now: now)
        count = metrics.counter(
            "dip_turned_away_total",
            "Calls that send transactions, or single ones of a call, answered without a look at them "
                + "because too many of the client's were refused.")
        self.logger = logger
    }

    private static func five(_ number: Int) -> Int { min(number, .max / 5) * 5 }

    func turnedAway(
        _ more: Int, of client: ClientAddress, for milliseconds: UInt64, now: NIODeadline
    ) {
        count.add(more)
        let isNews = lastTold.withLock { last in
            if let last, now < last + .minutes(1) { return false }
            last = now
            return true
        }
        guard isNews else { return }
        logger.warning(
            "too many transactions of a client were refused: none of its is looked at for a while",
            metadata: ["client": "\(client)", "milliseconds": "\(milliseconds)"])
    }
}
