import ArgumentParser
import BankDesk
import Gateway
import ISO20022
import JSON
import Ledger
import Logging

/// `dip bank net`.
struct BankNet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "net",
        abstract: "Settle with other banks what each has in hand of the others' tokens.",
        discussion: """
            Every bank names the cycle alike and gives the same times, shortly before the end: what its operator \
            has of tokens that it takes at par is asked of their banks then. At the end each pair's debts are \
            netted; the debtor's pacs.009 is in its outbox, and what the banks' messages say of it settles the \
            pair, or unwinds it. A running desk does the work; without one this does what can be done now, with the \
            inbox and outbox of the desk that worked last. \
            Say it again to see how far the cycle is. Exit status 0: all pairs are over. 1: not yet.

              dip bank net --cycle 2026-11-25 --closes 2026-11-25T15:00:00Z --deadline 2026-11-25T17:00:00Z
              dip bank net --cycle 2026-11-25
            """)

    @Option(help: "What the banks call the cycle: letters, digits, hyphens.")
    var cycle: String

    @Option(
        help: ArgumentHelp(
            "The last second that belongs to it, by the ledger's clock.", valueName: "time"))
    var closes: String?

    @Option(
        help: ArgumentHelp(
            "The last second at which a debtor may take its payment in hand.", valueName: "time"))
    var deadline: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open(withBank: true)
        if let closes, let deadline {
            if try Self.seconds(closes) <= OpenDesk.now {
                Output.note(
                    "the cycle's end is past: what this bank has in hand waits for the next one")
            }
            try open.journal.add(
                NettingCycle(
                    cycle, closesAt: try Self.seconds(closes), deadline: try Self.seconds(deadline))
            )
        } else if closes != nil || deadline != nil {
            throw Failure.usage("give both --closes and --deadline, or none of them")
        }
        guard try open.journal.cycle(cycle) != nil else {
            throw Failure.usage("there is no cycle \(cycle) yet: give --closes and --deadline")
        }
        try await work(open)
        let pairs = try open.journal.pairs(of: cycle)
        let isOver = try open.journal.cycle(cycle)?.isOver ?? false
        if output.json {
            Output.json([
                "cycle": .string(cycle), "over": .bool(isOver), "pairs": .array(pairs.map(\.json)),
            ])
        } else {
            tell(pairs, isOver, open.currency)
        }
        if !isOver { throw ExitCodeOnly(status: 1) }
    }

    /// Works as a desk does, where none is running.
    private func work(_ open: OpenDesk) async throws {
        guard let lock = try lock() else { return }
        let client = RPCClient(try node.endpoint(open.settings).endpoint())
        var log = Logger(label: "dipnet.desk") { StreamLogHandler.standardError(label: $0) }
        log.logLevel = .warning
        var setup = Desk.Setup(
            folder: open.folder, settings: open.settings, keys: open.keys, log: log)
        // The bank looks where the desk put its files, not into the desk's own folder.
        let (inbox, outbox) = try open.journal.exchange()
        if let inbox { setup.inbox = inbox }
        if let outbox { setup.outbox = outbox }
        var working = Desk(setup, journal: open.journal, ledger: NodeLedger(client))
        try await working.check()
        try await working.once()
        withExtendedLifetime(lock) {}
    }

    /// The desk's lock; nil where a desk has it.
    private func lock() throws -> DeskLock? {
        do {
            return try DeskLock(desk.folder)
        } catch {
            if case .folderInUse = error { return nil }
            throw error
        }
    }

    private func tell(_ pairs: [NetPair], _ isOver: Bool, _ currency: Currency) {
        let rows = pairs.map { pair in
            [
                pair.name, currency.number(pair.owing), currency.number(pair.owed),
                pair.state.rawValue, pair.messageID, pair.reason ?? "",
            ]
        }
        if !rows.isEmpty {
            Output.table(
                ["bank", "owed to it", "owed by it", "state", "payment", "reason"], rows,
                right: [1, 2])
        }
        Output.line(isOver ? "All pairs are over." : "The cycle is not over.")
    }

    private static func seconds(_ text: String) throws -> UInt64 {
        guard let time = MessageTime(text) else {
            throw Failure.usage("\"\(text)\" is no time: write 2026-11-25T15:00:00Z")
        }
        return UInt64(clamping: time.millisecondsSince1970(bankMinutes: 0) / 1000)
    }
}

extension NetPair {
    /// As programs read it.
    var json: JSON {
        .members([
            ("bank", .string(name)), ("token", .string(other.checksummed)),
            ("owing", .string(String(owing))), ("owed", .string(String(owed))),
            ("state", .string(state.rawValue)), ("payment", .string(messageID)),
            ("reason", reason.map { .string($0) }),
        ])
    }
}
