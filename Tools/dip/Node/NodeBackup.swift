import ArgumentParser
import Foundation
import Gateway
import JSON
import Ledger
import Node
import Storage

/// `dip node backup`.
struct NodeBackup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a backup of a node's data, running or not.",
        discussion: """
            The backup is a folder with the state after one block, the history up to that \
            block, and the genesis file, all under checksums. A running node is asked through \
            its socket file and goes on meanwhile; the folder is then made by the node's user \
            on the node's machine. Nothing is ever written over.

            It holds no key: back up the node's key, the TLS files and the access tokens \
            yourself, apart from it.

            Examples:
              dip node backup --data /var/lib/dipnet --to /backup/dipnet-2025-03-01
              dip audit /backup/dipnet-2025-03-01
            """)

    @Option(
        help: ArgumentHelp("The folder of the node's data.", valueName: "folder"),
        completion: .directory)
    var data: String

    @Option(
        help: ArgumentHelp("The folder to make.", valueName: "folder"),
        completion: .directory)
    var to: String

    @Option(
        help: ArgumentHelp(
            "The node's socket file, if it is not DATA/admin.sock.", valueName: "file"),
        completion: .file())
    var socket: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = URL(fileURLWithPath: to).standardizedFileURL.path
        let socket = socket ?? data + "/admin.sock"
        if FileManager.default.fileExists(atPath: socket),
            let result = try await askNode(at: socket, target)
        {
            return show(result)
        }
        let node: StoppedNode
        do {
            node = try StoppedNode(path: data)
        } catch .configuration(let why) {
            throw Failure.usage(why)
        } catch {
            throw Failure.failed(error.description)
        }
        if node.blocksBeyond > 0 {
            Output.note(
                """
                dip: the log holds \(node.blocksBeyond) more blocks than the stored state, and \
                they are not in the backup; to have them, start the node and stop it first
                """)
        }
        do {
            show(Result(target, try node.backUp(to: target)))
        } catch {
            throw Failure.failed(error.description)
        }
    }

    /// What was written.
    private struct Result {
        let path: String
        let height: UInt64
        let first: UInt64
        let root: String

        init(_ path: String, _ manifest: BackupManifest) {
            self.path = path
            height = manifest.meta.height
            first = manifest.first
            root = manifest.root.hex
        }

        init?(_ path: String, _ json: JSON) {
            guard let height = json["height"]?.whole64, let first = json["first"]?.whole64,
                let root = json["stateRoot"]?.string
            else { return nil }
            self.path = path
            self.height = height
            self.first = first
            self.root = root
        }
    }

    /// Has a running node write the backup.
    /// - Returns: nil if no node answers at the socket, which one that was killed has left.
    private func askNode(at socket: String, _ target: String) async throws -> Result? {
        let client = RPCClient(try RPCEndpoint(socket))
        do throws(ClientFault) {
            _ = try await client.call("admin_backup", .array([.string(target)]))
        } catch {
            if case .unreachable = error { return nil }
            throw error
        }
        while true {
            let status = try await client.call("admin_backupStatus", .array([]))
            switch status["state"]?.string {
            case "done":
                guard let result = Result(target, status) else { break }
                return result
            case "failed":
                throw Failure.failed(status["why"]?.string ?? "the backup failed")
            default: break
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func show(_ result: Result) {
        if output.json {
            return Output.json([
                "ok": true, "folder": .string(result.path), "height": .integer(result.height),
                "first": .integer(result.first), "stateRoot": .string(result.root),
            ])
        }
        Output.line(
            """
            wrote \(result.path): blocks \(result.first) to \(result.height), state root \
            \(result.root)
            """)
        Output.note(
            "It holds no key: keep the node's key, TLS files and tokens safe yourself.")
    }
}
