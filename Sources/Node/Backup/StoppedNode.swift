import Consensus
import Execution
import Foundation
import Ledger
import Storage

/// The data of a node that does not run, opened for a backup.
public final class StoppedNode {
    /// Where it is.
    public let path: String
    /// How many blocks the log has beyond the stored state: ordered, and not stored yet.
    ///
    /// Not 0 where the node was killed. A start and a stop bring them into the state.
    public let blocksBeyond: UInt64
    private let folder: DataFolder
    private let genesis: Genesis
    private let genesisFile: [UInt8]
    private let state: StateStore
    private let history: HistoryStore
    private let standing: LogStanding?

    /// Opens a data folder.
    ///
    /// - Throws: ``NodeFault``: a node runs on it; there is no genesis file in it; it is damaged.
    public init(path: String) throws(NodeFault) {
        self.path = path
        guard FileManager.default.fileExists(atPath: path + "/genesis.json") else {
            throw .configuration("\(path) is no node's data folder: it has no genesis.json")
        }
        // A bank's folder has a genesis, too, beside the folder of the data; stores would be made in it.
        guard FileManager.default.fileExists(atPath: path + "/state") else {
            throw .configuration("\(path) is no node's data folder: it has no state")
        }
        do throws(StoreFault) {
            folder = try DataFolder(path: path)
            guard let file = try folder.genesis() else {
                throw StoreFault(
                    .inputOutput, operation: "back up", path: path, message: "it has no genesis")
            }
            genesisFile = file
        } catch {
            throw .store(error.description)
        }
        do {
            genesis = try GenesisDocument.parse(genesisFile)
        } catch {
            throw .genesis("\(path)/genesis.json: \(error)")
        }
        let identity = StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash)
        do throws(StoreFault) {
            state = try StateStore(path: folder.statePath, identity: identity)
            history = try HistoryStore(path: folder.historyPath, identity: identity)
        } catch {
            throw .store(error.description)
        }
        do throws(LogFault) {
            let files = try PosixFiles(folder.logPath)
            standing = try LogStanding.read(files, chain: genesis.hash)
            blocksBeyond = try Self.blocksBeyond(
                state.meta?.height ?? 0, files, standing, chain: genesis.hash)
        } catch {
            throw .log(error.description)
        }
    }

    private static func blocksBeyond(
        _ height: UInt64, _ files: PosixFiles, _ standing: LogStanding?, chain: Hash32
    ) throws(LogFault) -> UInt64 {
        guard let standing else { return 0 }
        let log = try SegmentedLog.open(
            files, owner: LogOwner(chain: chain, node: standing.node))
        var index = log.lastIndex
        while index >= log.firstIndex, index > 0 {
            let entries = try log.entries(from: index, through: index, maximumBytes: 1)
            if let entry = entries.first, entry.kind == .command,
                let body = try? Body(decoding: entry.payload)
            {
                return body.height > height ? body.height - height : 0
            }
            index -= 1
        }
        return 0
    }

    /// Writes a backup.
    ///
    /// - Parameter target: the folder to make; its parent must be there.
    /// - Returns: what was written.
    /// - Throws: ``NodeFault``, also where the root is lost that a block to come certifies.
    public func backUp(to target: String) throws(NodeFault) -> BackupManifest {
        do throws(StoreFault) {
            let state = try state.snapshot()
            let roots = try CheckpointFolder(path: folder.checkpointsPath).roots()
            let source = BackupSource(
                identity: StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash),
                nodeID: standing?.node.rawValue ?? 0, term: standing?.term ?? 0,
                timeMillis: UInt64(Date().timeIntervalSince1970 * 1000), genesis: genesisFile,
                state: state, history: try history.snapshot(),
                pending: try genesis.pendingRoot(
                    at: state.meta?.height ?? 0, of: path,
                    { height in roots.first { $0.height == height }?.root }))
            let manifest = try BackupWriter.write(
                source, to: target, CheckpointControl(share: 100))
            guard let manifest else { preconditionFailure("nobody cancels it") }
            return manifest
        } catch {
            throw .store(error.description)
        }
    }
}
