import Consensus
import Execution
import Foundation
import Ledger
import Logging
import Storage
import Threads

extension Node {
    /// How long a backup waits for the newest state to be stored before it takes the one that is.
    private static let storingMillis: UInt64 = 10_000

    /// Begins to write a backup; blocks go on meanwhile.
    ///
    /// It holds what was executed when it was asked for, or a little less where a checkpoint is being made.
    /// It holds no key.
    ///
    /// - Parameter path: the folder to make, absolute; its parent must be there.
    /// - Returns: why it was not begun, nil if it was.
    func beginBackup(to path: String) -> String? {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            return "the folder must be given with its whole path"
        }
        // On another disk it takes no room that the node needs.
        let control =
            folder.sharesDisk(with: (path as NSString).deletingLastPathComponent)
            ? CheckpointControl(room: folder.room(beyond: configuration.diskReserve))
            : CheckpointControl()
        let why = backups.with { status -> String? in
            if case .running(let other, _) = status {
                return "a backup to \(other) is being written"
            }
            status = .running(to: path, control)
            return nil
        }
        if let why { return why }
        logger.notice("writing a backup", metadata: ["to": "\(path)"])
        SystemThread(named: "backup") { [self] in
            let outcome = writeBackup(to: path, control)
            backups.withSignal { $0 = outcome }
        }.letGo()
        return nil
    }

    /// Ends a backup that is being written, without a result, and waits for that.
    func cancelBackup() {
        if case .running(_, let control) = backups.with({ $0 }) { control.cancel() }
        backups.wait { $0.isRunning ? Waiting.again(nil) : .done(()) }
    }

    private func writeBackup(to path: String, _ control: CheckpointControl) -> BackupStatus {
        do throws(StoreFault) {
            _ = storeState(timeoutMillis: Self.storingMillis)
            let genesis = try folder.genesis() ?? Array(GenesisDocument.text(genesis).utf8)
            // The blocks after the state, which stands on one of them, and the term after both.
            let state = try state.snapshot()
            let history = try history.snapshot()
            let source = BackupSource(
                identity: StoreIdentity(
                    chainID: self.genesis.chainID, genesisHash: self.genesis.hash),
                nodeID: id.rawValue, term: driver.status.term,
                timeMillis: UInt64(Date().timeIntervalSince1970 * 1000), genesis: genesis,
                state: state, history: history,
                pending: try self.genesis.pendingRoot(
                    at: state.meta?.height ?? 0, of: folder.path,
                    { checkpoints.knownRoot(of: $0) }))
            guard let manifest = try BackupWriter.write(source, to: path, control) else {
                return .failed(to: path, "the node was stopped")
            }
            logger.notice(
                "wrote a backup",
                metadata: ["to": "\(path)", "height": "\(manifest.meta.height)"])
            return .done(to: path, manifest)
        } catch {
            logger.error("a backup could not be written", metadata: ["reason": "\(error)"])
            return .failed(to: path, error.description)
        }
    }
}
