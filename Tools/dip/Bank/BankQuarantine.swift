import ArgumentParser
import BankDesk
import JSON
import Ledger

/// `dip bank quarantine …`.
struct BankQuarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "What was put aside, and why; release or refuse each after a look.",
        discussion: """
              dip bank quarantine
              dip bank quarantine show 3
              dip bank quarantine release 3 --customer 12
              dip bank quarantine refuse 4 --reason 'sent back by hand, advice 77'
            """,
        subcommands: [
            QuarantineList.self, QuarantineShow.self, QuarantineRelease.self,
            QuarantineRefuse.self,
        ], defaultSubcommand: QuarantineList.self)
}

/// `dip bank quarantine list`.
struct QuarantineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List what waits for a person.")

    @Flag(help: "Also what was decided.")
    var all = false

    @OptionGroup var desk: DeskOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let cases = try desk.open().journal.cases(onlyOpen: !all)
        if output.json { return Output.json(.array(cases.map(\.json))) }
        guard !cases.isEmpty else { return Output.note("nothing waits for a person") }
        Output.table(
            ["case", "about", "file", "reason", "why"],
            cases.map { found in
                let subject =
                    found.entry.map { "entry \($0)" }
                    ?? found.redemption.map { "redemption \($0)" }
                    ?? found.message.map { "message \($0)" } ?? found.kind.rawValue
                let end = found.decision.map { " (\($0))" } ?? ""
                return [
                    "\(found.id)", subject,
                    found.file.map { Hex.encode($0.bytes.prefix(4)) } ?? "", found.reason,
                    Output.clean(found.text) + end,
                ]
            }, right: [0])
    }
}

/// `dip bank quarantine show`.
struct QuarantineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all that the bank told of one; it is personal.")

    @Argument(help: "The case.")
    var id: Int64

    @OptionGroup var desk: DeskOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let journal = open.journal
        guard let found = try journal.deskCase(id) else {
            throw Failure.failed(
                "there is no case \(id); 'dip bank quarantine list' shows those there are")
        }
        var facts = try found.entry.map { try journal.facts(ofEntry: $0) } ?? []
        if let details = found.details { facts.append(("references", details)) }
        if let path = found.file.flatMap(open.folder.file(ofMessage:)) {
            facts.append(("file", path))
        }
        if output.json {
            let members = facts.map { JSON.Member($0.name, .string($0.value)) }
            return Output.json(
                .object((found.json.object ?? []) + [.init("facts", .object(members))]))
        }
        Output.line("Case \(id), \(found.reason): \(Output.clean(found.text))")
        for fact in facts {
            Output.line("  \(fact.name): \(Output.clean(fact.value, atMost: 1000))")
        }
        if let decision = found.decision { Output.line("Decided: \(Output.clean(decision))") }
    }
}

/// `dip bank quarantine release`.
struct QuarantineRelease: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract:
            "Let something go its way: the desk issues it, settles with it, or reads it again.")

    @Argument(help: "The case.")
    var id: Int64

    @Option(help: ArgumentHelp("Whose money it is.", valueName: "customer"))
    var customer: String?

    @Option(help: ArgumentHelp("The order that it is for.", valueName: "number"))
    var order: UInt64?

    @Option(help: ArgumentHelp("The redemption that a debit paid.", valueName: "number"))
    var redemption: UInt64?

    @Option(
        help: ArgumentHelp("The payment file all of which a debit paid.", valueName: "message id"))
    var batch: String?

    @Option(help: ArgumentHelp("Why; kept in the journal.", valueName: "text"))
    var reason = ""

    @OptionGroup var desk: DeskOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let names = Names(try keystore.open())
        let customer = try customer.map { try open.customer($0, names).id }
        try open.journal.release(
            id,
            Decision(
                customer: customer, order: order, redemption: redemption, batch: batch,
                text: reason),
            open.settings, at: OpenDesk.now)
        if output.json { return Output.json(["ok": true]) }
        Output.line("Case \(id) is released; the desk does the rest.")
    }
}

/// `dip bank quarantine refuse`.
struct QuarantineRefuse: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refuse", abstract: "Close a case: what was put aside stays off the ledger.")

    @Argument(help: "The case.")
    var id: Int64

    @Option(help: ArgumentHelp("Why; kept in the journal.", valueName: "text"))
    var reason: String

    @Flag(help: "It is an entry that was told already: it does not count in the books.")
    var known = false

    @OptionGroup var desk: DeskOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try desk.open().journal.refuse(
            id, reason, isKnown: known, at: OpenDesk.now)
        if output.json { return Output.json(["ok": true]) }
        Output.line("Case \(id) is closed.")
    }
}

extension Case {
    /// As programs read it.
    var json: JSON {
        .members([
            ("id", .integer(id)), ("kind", .string(kind.rawValue)), ("reason", .string(reason)),
            ("text", .string(text)), ("entry", entry.map { .integer($0) }),
            ("message", message.map { .integer($0) }),
            ("redemption", redemption.map { .integer($0) }),
            ("file", file.map { .string(Hex.encode($0.bytes)) }), ("openedAt", .integer(openedAt)),
            ("decision", decision.map { .string($0) }),
        ])
    }
}
