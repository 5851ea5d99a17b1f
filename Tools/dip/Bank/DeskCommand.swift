import ArgumentParser
import BankDesk
import Dispatch
import Gateway
import Glibc
import JSON
import Logging
import Signing
import Synchronization
import Wallet

/// `dip bank desk`.
struct DeskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "desk",
        abstract: "Work: files of the bank onto the ledger, redemptions to the bank.",
        discussion: """
            Takes camt.052, camt.053, camt.054, pain.002, pacs.002 and pacs.004 from the inbox, and puts \
            pain.001 into the outbox. It may be killed at any moment and started again. One desk works in \
            a folder, and takes the files of an inbox; it stops on SIGINT and SIGTERM.

            A file is taken when its size and time were the same at two looks, or when it is five seconds \
            old. Names that begin with a dot, or end in .tmp or .part, are left alone: write under such a \
            name and rename.

              dip bank desk --desk desk
              dip bank desk --desk desk --inbox /srv/bank/out --outbox /srv/bank/in --once
            """)

    @OptionGroup var desk: DeskOptions

    @Option(
        help: ArgumentHelp(
            "Where the bank puts files; without it 'inbox' in the desk's folder.",
            valueName: "folder"), completion: .directory)
    var inbox: String?

    @Option(
        help: ArgumentHelp(
            "Where the bank fetches files; without it 'outbox' in the desk's folder.",
            valueName: "folder"), completion: .directory)
    var outbox: String?

    @Flag(help: "Work through what is there, then end.")
    var once = false

    @Option(help: "What to log: debug, info, notice, warning, error; notice unless said.")
    var logLevel: Logger.Level = .notice

    @Option(help: .hidden)
    var stopAt: String?

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard stopAt == nil || stopAt.flatMap({ FaultPoint(rawValue: $0) }) != nil else {
            let names = FaultPoint.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--stop-at: one of \(names)")
        }
    }

    func run() async throws {
        do {
            try await work()
        } catch {
            // Whoever starts a service again must know where that is of no use.
            throw once ? error : Self.told(error)
        }
    }

    private static func told(_ error: any Error) -> any Error {
        switch error {
        case let fault as DeskFault where fault.isLasting: Failure.usage(fault.description)
        case let fault as WalletFault where DeskFault.wallet(fault).isLasting:
            Failure.usage(fault.description)
        case Failure.failed(let text): Failure.usage(text)
        default: error
        }
    }

    private func work() async throws {
        signal(SIGPIPE, SIG_IGN)
        // Somebody opens a file for writing in the moment in which the desk looks whether anybody has.
        signal(SIGIO, SIG_IGN)
        let log = JournalLog.logger("dipnet.desk", logLevel)
        let shouldStop = once ? Self.never : Self.untilAskedToStop()
        let folder = desk.folder
        guard
            let lock = try await patiently(
                log, shouldStop, { () throws(DeskFault) in try DeskLock(folder) })
        else { return }
        let unlocked = try desk.unlock(withBank: true)
        // Now, while somebody looks; later the files may be being renewed, and are waited for.
        try unlocked.keys.bank?.remote?.check()
        guard let open = try await patiently(log, shouldStop, unlocked.open) else { return }
        let client = RPCClient(try node.endpoint(open.settings).endpoint())
        var setup = Desk.Setup(
            folder: open.folder, settings: open.settings, keys: open.keys, log: log)
        if let inbox { setup.inbox = inbox }
        if let outbox { setup.outbox = outbox }
        let (place, target) = (inbox.map(BankInit.absolute), outbox.map(BankInit.absolute))
        guard
            try await patiently(
                log, shouldStop,
                { () throws(DeskFault) in
                    try open.journal.remember(inbox: place, outbox: target)
                }) != nil
        else { return }
        if let point = stopAt.flatMap({ FaultPoint(rawValue: $0) }) {
            setup.points = .killing(at: point)
        }
        var desk = Desk(setup, journal: open.journal, ledger: NodeLedger(client))
        if once {
            try await desk.once()
            try report(open.journal)
        } else {
            Output.note("the desk works in \(open.folder.path)")
            ServiceManager.isReady("works in \(open.folder.path)")
            try await desk.run { shouldStop() }
        }
        withExtendedLifetime(lock) {}
    }

    /// Does something at the start: with `--once` now or not at all, else as soon as the disk allows.
    private func patiently<Value>(
        _ log: Logger, _ shouldStop: @Sendable () -> Bool, _ body: () throws(DeskFault) -> Value
    ) async throws -> Value? {
        if once { return try body() }
        var patience = Patience(log)
        return try await patience.wait(until: shouldStop, for: body)
    }

    private func report(_ journal: Journal) throws {
        let counts = try journal.counts()
        let cases = try journal.cases().count
        let calls = try journal.callsForChecker().count
        if output.json {
            return Output.json([
                "ok": true, "openCases": .integer(cases), "forChecker": .integer(calls),
                "counts": .array(
                    counts.map {
                        [
                            "table": .string($0.table), "state": .string($0.state),
                            "count": .integer($0.count),
                        ]
                    }),
            ])
        }
        for count in counts { Output.line("\(count.table) \(count.state): \(count.count)") }
        if calls > 0 { Output.line("for the checker: \(calls) ('dip bank approve' lists them)") }
        if cases > 0 { Output.line("for a person: \(cases) ('dip bank quarantine' lists them)") }
    }

    private static let never: @Sendable () -> Bool = { false }

    /// Whether SIGINT or SIGTERM came; a second one ends the process at once.
    private static func untilAskedToStop() -> @Sendable () -> Bool {
        let flag = StopFlag()
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                flag.set()
                signal(number, SIG_DFL)
            }
            source.resume()
            flag.keep(source)
        }
        return { flag.isSet }
    }
}

/// Whether the process was asked to stop.
private final class StopFlag: Sendable {
    private let state = Mutex<(isSet: Bool, sources: [any DispatchSourceSignal])>((false, []))

    var isSet: Bool { state.withLock { $0.isSet } }

    func set() { state.withLock { $0.isSet = true } }

    func keep(_ source: any DispatchSourceSignal) { state.withLock { $0.sources.append(source) } }
}
