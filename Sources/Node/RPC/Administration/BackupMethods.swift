import Gateway
import JSON
import Ledger
import Storage
import Threads

/// Backups of the running node.
extension RPCMethods {
    mutating func addBackups(of node: Node) {
        value("admin_backup", scope: .admin) { (request) throws(RPCError) in
            let path = try request.params().string(0, "to")
            if let why = node.beginBackup(to: path) {
                throw RPCError(code: -32000, message: why)
            }
            return node.backupStatus
        }
        value("admin_backupStatus", scope: .admin) { _ in node.backupStatus }
    }
}

extension Node {
    /// How it stands with the backup that was asked for last.
    fileprivate var backupStatus: JSON {
        switch backups.with({ $0 }) {
        case .none: ["state": "none"]
        case .running(let path, _): ["state": "running", "to": .string(path)]
        case .failed(let path, let why):
            ["state": "failed", "to": .string(path), "why": .string(why)]
        case .done(let path, let manifest):
            [
                "state": "done", "to": .string(path), "height": .integer(manifest.meta.height),
                "first": .integer(manifest.first),
                "headerHash": .string(manifest.meta.headerHash.hex),
                "stateRoot": .string(manifest.root.hex), "term": .integer(manifest.term),
            ]
        }
    }
}
