import Glibc
import Ledger
import Logging
import Signing

/// The desk at work: what the bank told goes onto the ledger, what the ledger asks for goes to the bank.
public struct Desk: Sendable {
    private let journal: Journal
    private let ledger: any DeskLedger
    private let settings: DeskSettings
    private let clock: DeskClock
    private let log: Logger
    private var inbox: Inbox
    private let intake: MessageIntake
    private let matching: PayerMatching
    private let issuing: Issuing
    private let funding: OrderFunding
    private let submitted: SubmittedFunding
    private let events: EventFollowing
    private let instructing: Instructing
    private let confirmations: Confirmations
    private let attesting: Attesting
    private let messages: NettingMessages
    private let netting: Netting
    private var sender: CallSender
    private var triedWaitingAt: UInt64 = 0
    private var isChecked = false

    /// What a desk works with.
    public struct Setup: Sendable {
        /// Its folder.
        public var folder: DeskFolder
        /// Its settings.
        public var settings: DeskSettings
        /// Where the bank puts files.
        public var inbox: String
        /// Where the bank fetches files.
        public var outbox: String
        /// Its keys.
        public var keys: DeskKeys
        /// Where a test kills it.
        public var points = FaultPoints.none
        /// The time of day.
        public var clock = DeskClock.system
        /// What it tells; nothing personal.
        public var log: Logger

        /// Describes a desk with the folders in its own.
        public init(
            folder: DeskFolder, settings: DeskSettings, keys: DeskKeys, log: Logger
        ) {
            self.folder = folder
            self.settings = settings
            self.keys = keys
            self.log = log
            inbox = folder.inbox
            outbox = folder.outbox
        }
    }

    /// Sets a desk up; nothing is done yet.
    public init(_ setup: Setup, journal: Journal, ledger: any DeskLedger) {
        let settings = setup.settings
        let points = setup.points
        let clock = setup.clock
        let log = setup.log
        self.journal = journal
        self.ledger = ledger
        self.settings = settings
        self.clock = clock
        self.log = log
        inbox = Inbox(setup.inbox)
        intake = MessageIntake(
            journal: journal, settings: settings,
            spool: Spool(folder: setup.folder, largest: settings.largestFile), points: points,
            clock: clock, log: log)
        matching = PayerMatching(journal: journal, ledger: ledger, points: points, clock: clock)
        issuing = Issuing(
            journal: journal, ledger: ledger, settings: settings, points: points, clock: clock,
            log: log)
        funding = OrderFunding(
            journal: journal, ledger: ledger, settings: settings, points: points, clock: clock)
        submitted = SubmittedFunding(journal: journal, clock: clock)
        events = EventFollowing(
            journal: journal, ledger: ledger, settings: settings, points: points, clock: clock)
        instructing = Instructing(
            journal: journal, settings: settings, outbox: setup.outbox, points: points,
            clock: clock, log: log)
        confirmations = Confirmations(
            journal: journal, ledger: ledger, settings: settings, points: points, clock: clock)
        attesting = Attesting(
            journal: journal, ledger: ledger, settings: settings, points: points, clock: clock)
        messages = NettingMessages(journal: journal, points: points, clock: clock)
        netting = Netting(
            journal: journal, ledger: ledger, settings: settings, outbox: setup.outbox,
            points: points, clock: clock, events: events, messages: messages, log: log)
        sender = CallSender(
            journal: journal, ledger: ledger, keys: setup.keys, bank: settings.bank,
            points: points, log: log)
    }

    /// Checks that the node's ledger is the desk's.
    ///
    /// - Throws: ``DeskFault/wrongLedger(_:)``, and ``DeskFault/node(_:)`` where no node answers.
    public func check() async throws(DeskFault) {
        _ = try await facts()
    }

    private func facts() async throws(DeskFault) -> LedgerFacts {
        let facts = try await ledger.facts()
        guard facts.chainID == settings.chainID, facts.genesis == settings.genesis else {
            throw .wrongLedger(
                "the node at \(settings.node) has another ledger (chain \(facts.chainID)) than the "
                    + "desk was made for (chain \(settings.chainID))")
        }
        return facts
    }

    /// Compares the journal with a node that knows all of the ledger, as far as it can say.
    private func compare() async throws(DeskFault) {
        guard try await facts().isCurrent else { throw .behind(settings.node) }
        try instructing.doubt(try await ledger.nonce(of: settings.bank))
    }

    /// Works through all that there is, once.
    ///
    /// - Returns: whether something changed, so that another round may find more.
    /// - Throws: ``DeskFault``; ``DeskFault/passes`` says whether a later round can help.
    public mutating func round() async throws(DeskFault) -> Bool {
        try intake.tidy()
        var (changed, closed) = try intake.work(&inbox)
        if !isChecked {
            // Before anything is signed: with a transaction of its own an old copy looks like the newest journal.
            try await compare()
            isChecked = true
        }
        // A signer that is away must not hold up what needs no signature.
        var away: SignerFault?
        // What the ledger did for us before a kill comes first: what follows builds on it.
        do throws(DeskFault) {
            changed = try await sender.finish() || changed
        } catch .signer(let fault) {
            away = fault
        }
        changed = try await conclude() || changed
        changed = try await events.work() || changed
        changed = try messages.work() || changed
        while try await matching.work() { changed = true }
        changed = try confirmations.work() || changed
        changed = try await issuing.choose() || changed
        changed = try await funding.choose() || changed
        changed = try submitted.choose() || changed
        changed = try instructing.choose() || changed
        changed = try await attesting.choose() || changed
        try await netting.drop()
        let isTime = clock.now() >= triedWaitingAt + 5
        if isTime { triedWaitingAt = clock.now() }
        do throws(DeskFault) {
            changed = try await sender.work(withWaiting: isTime) || changed
        } catch .signer(let fault) {
            away = fault
        }
        changed = try await conclude() || changed
        // Last, since an outbox that is not there must not hold up what needs none.
        changed = try await netting.work() || changed
        changed = try instructing.compose() || changed
        if try instructing.hasFiles() {
            // Again, since the node may have learned since then what it did not know.
            try await compare()
            changed = try instructing.pay() || changed
        }
        if let away { throw .signer(away) }
        // As late: without an inbox the ledger is followed all the same, or what is asked for there would return.
        if let closed { throw closed }
        return changed
    }

    private func conclude() async throws(DeskFault) -> Bool {
        var changed = try await issuing.conclude()
        changed = try funding.conclude() || changed
        changed = try submitted.conclude() || changed
        changed = try instructing.conclude() || changed
        changed = try await confirmations.conclude() || changed
        changed = try attesting.conclude() || changed
        return changed
    }

    /// Works until there is nothing to do: no file is being waited for, and no transaction is under way.
    ///
    /// - Parameter patience: how long to wait while nothing changes.
    /// - Throws: ``DeskFault``.
    public mutating func once(patience: Duration = .seconds(30)) async throws(DeskFault) {
        var changed = ContinuousClock.now
        while true {
            do throws(DeskFault) {
                if try await round() {
                    changed = .now
                    continue
                }
            } catch .behind where .now - changed < patience {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            let isUnderWay = try !journal.sentCalls().isEmpty
            guard inbox.isWaiting || isUnderWay, .now - changed < patience else { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Works until it is told to stop.
    ///
    /// - Parameter shouldStop: asked between rounds.
    /// - Throws: ``DeskFault`` where waiting does not help.
    public mutating func run(until shouldStop: @Sendable () -> Bool) async throws(DeskFault) {
        var patience = Patience(log)
        while !shouldStop() {
            do throws(DeskFault) {
                let changed = try await round()
                patience.isOver()
                if !changed { try? await Task.sleep(for: .milliseconds(500)) }
            } catch { try await patience.bear(error) }
        }
    }
}
