import ArgumentParser
import Auditing
import Dispatch
import Execution
import Files
import Foundation
import JSON
import Ledger
import Node
import Storage

/// `dip audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Execute a stored ledger again and say where anything differs.",
        discussion: """
            FOLDER is the data folder of a node that does not run, or a backup. Every signature, \
            root, hash and certificate is checked, every block is executed again and compared \
            byte for byte, then the stored state entry by entry, and in the end that all money \
            and all orders add up. The first difference is named with its block.

            With --from-checkpoint it begins with the newest checkpoint that certificates vouch \
            for, from the banks of genesis on, instead of executing everything since genesis; \
            a ledger whose old blocks were pruned can only be audited so.

            With --journal every movement of money of those blocks is written to a file of \
            comma-separated values, one row each with the account that is debited and the one \
            that is credited; with --roles every change of a role or parameter. The rows are \
            checked against the balances of all accounts, and the files are there only if \
            everything is right. docs/auditing.md says how to work with them.

            Exit status: 0 if everything is right, 1 if something differs or the audit cannot be \
            made.

            Examples:
              dip audit /var/lib/dipnet
              dip audit /backup/dipnet-2025-03-01 --genesis genesis.json --json
              dip audit /backup/dipnet-2025-03-01 --journal journal.csv --roles roles.csv
            """)

    @Argument(
        help: ArgumentHelp("A stopped node's data folder, or a backup.", valueName: "folder"),
        completion: .directory)
    var folder: String

    @Option(
        help: ArgumentHelp(
            "The genesis file that the ledger must have started from; without it the folder's own.",
            valueName: "file"),
        completion: .file())
    var genesis: String?

    @Flag(help: "Begin with the newest certified checkpoint instead of genesis.")
    var fromCheckpoint = false

    @Option(
        help: ArgumentHelp("Write every movement of money to this file, CSV.", valueName: "file"),
        completion: .file())
    var journal: String?

    @Option(
        help: ArgumentHelp(
            "Write every change of a role or parameter to this file, CSV.", valueName: "file"),
        completion: .file())
    var roles: String?

    @Option(
        help: ArgumentHelp(
            "A folder to work in, with room for the state; without it the system's for temporary files.",
            valueName: "folder"),
        completion: .directory)
    var scratch: String?

    @Option(help: "How many records of state to keep in memory, 64 bytes each.")
    var cacheCells = 1 << 22

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard journal == nil || journal != roles else {
            throw ValidationError("--journal and --roles need files of their own.")
        }
    }

    func run() throws {
        let started = DispatchTime.now()
        let genesis = try loadGenesis()
        let leftovers = Leftovers()
        let end = leftovers.removeWhenInterrupted()
        defer {
            end()
            leftovers.remove()
        }
        var options = LedgerAudit.Options(scratch: try makeScratch(leftovers))
        options.isFromCheckpoint = fromCheckpoint
        options.cellLimit = max(cacheCells, 1 << 12)
        let files = try BookFiles(journal: journal, roles: roles, leftovers)
        let speaker = Speaker(started)
        let report: AuditReport
        let written: (journal: Int?, roles: Int?)
        do {
            report = try LedgerAudit.run(
                try open(genesis), genesis: genesis, options, books: files.books,
                progress: speaker.tell)
            written = try files.end(whole: report.finding == nil)
        } catch let fault as AuditFault {
            throw Failure.failed(fault.description)
        } catch let fault as StoreFault {
            throw Failure(fault)
        }
        show(report, written, seconds: speaker.seconds)
        if report.finding != nil { throw ExitCode(1) }
    }

    private func loadGenesis() throws -> Genesis {
        try GenesisFile.read(genesis ?? folder + "/genesis.json")
    }

    private func open(_ genesis: Genesis) throws -> any AuditedLedger {
        guard Backup.isBackup(folder) else {
            return try FolderLedger(
                path: folder,
                identity: StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash))
        }
        let backup = try Backup(path: folder)
        try backup.verify()
        return BackupLedger(backup)
    }

    private func makeScratch(_ leftovers: Leftovers) throws -> String {
        let parent = scratch ?? NSTemporaryDirectory()
        let path = URL(fileURLWithPath: parent)
            .appendingPathComponent("dip-audit-\(UUID().uuidString)").path
        try leftovers.make(path) {
            guard mkdir(path, 0o700) == 0 else {
                throw Failure.failed(
                    "cannot make a folder to work in below \(parent): \(systemMessage(errno))")
            }
        }
        return path
    }

    // MARK: Telling

    /// Says on the standard error how far it is, every two seconds.
    private final class Speaker {
        private let started: DispatchTime
        private var said: DispatchTime

        init(_ started: DispatchTime) {
            self.started = started
            said = started
        }

        var seconds: Double {
            Double(DispatchTime.now().uptimeNanoseconds - started.uptimeNanoseconds) / 1e9
        }

        func tell(_ progress: AuditProgress) {
            let now = DispatchTime.now()
            guard now.uptimeNanoseconds - said.uptimeNanoseconds >= 2_000_000_000 else { return }
            said = now
            Output.note(
                """
                \(progress.step): block \(progress.height) of \(progress.tip), \
                \(Int(Double(progress.transactions) / seconds)) transactions/s
                """)
        }
    }

    private func show(
        _ report: AuditReport, _ written: (journal: Int?, roles: Int?), seconds: Double
    ) {
        let blocksPerSecond = Int(Double(report.blocks) / max(seconds, 1e-9))
        let transactionsPerSecond = Int(Double(report.transactions) / max(seconds, 1e-9))
        if output.json {
            return Output.json([
                "ok": .bool(report.finding == nil), "folder": .string(folder),
                "start": .integer(report.start), "last": .integer(report.last),
                "blocks": .integer(report.blocks), "transactions": .integer(report.transactions),
                "certificates": .integer(report.certificates),
                "lastCertified": .integer(report.lastCertified),
                "stateHeight": report.stateHeight.map { .integer($0) } ?? .null,
                "stateEntries": .integer(report.stateEntries),
                "checkpoints": .integer(report.checkpoints), "kept": .integer(report.kept),
                "sumsChecked": .bool(report.areSumsChecked),
                "journalRows": written.journal.map { .integer($0) } ?? .null,
                "roleRows": written.roles.map { .integer($0) } ?? .null,
                "finding": report.finding.map {
                    ["height": .integer($0.height), "what": .string($0.what)]
                } ?? .null,
                "milliseconds": .integer(UInt64(seconds * 1000)),
                "blocksPerSecond": .integer(blocksPerSecond),
                "transactionsPerSecond": .integer(transactionsPerSecond),
            ])
        }
        if let finding = report.finding {
            Output.line("DIFFERS at \(finding)")
            return
        }
        Output.line(
            """
            right: blocks \(report.start) to \(report.last), \(report.transactions) transactions
            certificates: \(report.certificates), the last one of block \(report.lastCertified)
            """)
        if let height = report.stateHeight {
            Output.line(
                "state of block \(height): the same, \(report.stateEntries) entries")
        }
        if report.checkpoints > 0 {
            Output.line("checkpoints: \(report.checkpoints), the same")
        }
        Output.line("money and orders add up")
        if let count = written.journal {
            Output.line("journal: \(count) movements, which come to the balances of all accounts")
        }
        if let count = written.roles { Output.line("roles and parameters: \(count) rows") }
        Output.note(
            """
            \(blocksPerSecond) blocks/s, \(transactionsPerSecond) transactions/s, \
            \(Int(seconds)) s
            """)
    }
}
