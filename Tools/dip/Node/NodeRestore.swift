import ArgumentParser
import Execution
import Foundation
import JSON
import Ledger
import Storage

/// `dip node restore`.
struct NodeRestore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a node's data folder of a backup.",
        discussion: """
            Everything in the backup is checked before anything is written. The data folder \
            must be empty or missing. What the bank needs besides (the node's key, TLS files, \
            tokens) is not in a backup.

            A node that was restored may have voted in ways that the backup does not know of; \
            it follows the others, and votes again when it has learned enough from them. Never \
            run it beside the node that the backup was made of.

            Example:
              dip node restore --from /backup/dipnet-2025-03-01 --data /var/lib/dipnet
            """)

    @Option(
        help: ArgumentHelp("The backup.", valueName: "folder"), completion: .directory)
    var from: String

    @Option(
        help: ArgumentHelp(
            "The folder to fill; made if it is missing.", valueName: "folder"),
        completion: .directory)
    var data: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        do {
            let backup = try Backup(path: from)
            try backup.verify()
            let genesis = try GenesisFile.parse(try backup.genesis(), name: from)
            guard genesis.hash == backup.manifest.identity.genesisHash else {
                throw Failure.failed("\(from): its genesis file is of another ledger")
            }
            try backup.restore(to: data)
            let meta = backup.manifest.meta
            if output.json {
                Output.json([
                    "ok": true, "folder": .string(data), "height": .integer(meta.height),
                    "first": .integer(backup.manifest.first),
                    "term": .integer(backup.manifest.term),
                    "bank": .integer(backup.manifest.nodeID),
                ])
            } else {
                Output.line(
                    """
                    restored blocks \(backup.manifest.first) to \(meta.height) to \(data); \
                    start the node with its own key
                    """)
            }
        } catch let fault as StoreFault {
            throw Failure(fault)
        }
    }
}
