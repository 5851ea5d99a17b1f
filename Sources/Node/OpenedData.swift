import Consensus
import Execution
import Glibc
import Ledger
import Signing
import Storage

/// The data of a node, opened and checked: folder, stores, and the machine on top of them.
struct OpenedData {
    let folder: DataFolder
    let state: StateStore
    let history: HistoryStore
    let machine: Machine
    let head: StoredBlock
    /// This bank's number.
    let nodeID: NodeID
    /// With whom an empty log begins; nil on a node that joins later.
    let founders: Membership?
    /// The highest stored height below the head that has its certificate.
    let certifiedHeight: UInt64
    /// The newest stored blocks, from the first one on that lacks its certificate.
    let uncertified: Uncertified?
    /// When the first timer is due, in seconds.
    let nextDue: UInt64?

    init(_ configuration: NodeConfiguration) throws(NodeFault) {
        do throws(StoreFault) {
            let genesis = configuration.genesis
            let identity = StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash)
            folder = try DataFolder(path: configuration.folder)
            try folder.checkRoom(reserve: configuration.diskReserve)
            try Self.installImport(folder, identity)
            state = try configuration.openState(folder.statePath, identity)
            history = try HistoryStore(path: folder.historyPath, identity: identity)
            if let meta = state.meta {
                head = try Self.head(meta, history)
                machine = Machine(
                    genesis: genesis,
                    state: Self.workingState(state, meta.height, configuration),
                    tip: Tip(head.header))
            } else {
                (machine, head) = try Self.begin(genesis, state, history, configuration)
            }
            certifiedHeight = try Self.certifiedHeight(history, upTo: head.header.height)
            uncertified = try Uncertified(history, head: head.header.height)
            nextDue = machine.nextDue
            if let fault = state.storeFault { throw fault }
        } catch {
            throw NodeFault(error)
        }
        nodeID = try Self.bank(configuration, machine.bankSet, after: head.header.height)
        founders = Self.founders(configuration, folder, machine.bankSet, nodeID)
    }

    /// With whom an empty log begins here.
    ///
    /// A restored node's log is empty, but the group's is not. Were its members taken for those of genesis,
    /// a bank that founded the ledger alone would go on alone, beside the others.
    private static func founders(
        _ configuration: NodeConfiguration, _ folder: DataFolder, _ present: BankSet, _ id: NodeID
    ) -> Membership? {
        guard access(folder.logPath + "/" + Backup.restoredName, F_OK) != 0 else {
            return present.banks.map(\.id) == [id.rawValue] ? Membership(onlyVoter: id) : nil
        }
        let founding = configuration.genesis.bankSet
        guard founding[id: id.rawValue] != nil else { return nil }
        return Membership(
            founding.banks.map { Membership.Member(id: NodeID($0.id), address: $0.endpoint) })
    }

    /// Which bank's node this is: as configured, else whose key it has, now or at the start.
    ///
    /// A node that was lost with its key begins with a backup of before the ledger named another key. Its
    /// settings introduce the bank itself then; it signs nothing before its ledger names that key.
    private static func bank(
        _ configuration: NodeConfiguration, _ set: BankSet, after height: UInt64
    ) throws(NodeFault) -> NodeID {
        let key = configuration.key.address
        let founder = configuration.genesis.bankSet.bank(signing: key)
        guard let id = configuration.bank ?? set.bank(signing: key)?.id ?? founder?.id else {
            throw .configuration(
                "the node's key belongs to \(key), which is no bank's node key: use the key of one of them, or give the number that the bank was admitted with"
            )
        }
        guard id > 0 else { throw .configuration("a bank's number is 1 or more") }
        if let bank = set[id: id], bank.nodeKey != key,
            configuration.peering?.introductions.names(id, with: key, above: height) != true
        {
            throw .configuration(
                "the node's key belongs to \(key), but bank \(id), \(bank.name), signs with \(bank.nodeKey)"
                    + " as of block \(height); if the ledger names the new key in a later block, introduce"
                    + " the bank itself with it (peers.introductions)")
        }
        return NodeID(id)
    }

    /// The last block of which a certificate is stored, of those up to a height.
    ///
    /// Certificates may be missing above it: they are written without waiting for the disk, and where signers
    /// were away for long there are none for all that time.
    ///
    /// - Parameters:
    ///   - history: where certificates are looked for.
    ///   - head: the height of the last block. Where nobody pays, none comes that would certify it.
    /// - Returns: its height; 0 where there is none.
    /// - Throws: ``StoreFault``, where the disk does not give them.
    static func certifiedHeight(
        _ history: HistoryStore, upTo head: UInt64
    ) throws(StoreFault) -> UInt64 {
        let first = max(history.first ?? 0, 1)
        var height = head
        while height >= first {
            if try history.certificate(at: height) != nil { return height }
            height -= 1
        }
        return 0
    }

    /// Puts the state in place that was fetched from peers before the node stopped, if it is complete, and
    /// gives up what was fetched of older ones.
    private static func installImport(
        _ folder: DataFolder, _ identity: StoreIdentity
    ) throws(StoreFault) {
        let checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        let heights = try checkpoints.importedHeights()
        guard !heights.isEmpty else { return }
        // Closed again before another takes its place. A fetch may have been begun with another checkpoint,
        // and gone on without any.
        let stored = try storedHeight(folder, identity)
        for height in heights where height <= stored ?? 0 {
            try checkpoints.removeImport(at: height)
        }
        for height in heights.reversed() where height > stored ?? 0 {
            guard let fetched = try CheckpointImport.resume(at: height, in: checkpoints),
                fetched.missing.isEmpty
            else { continue }
            do throws(ImportFault) {
                guard
                    try fetched.build(
                        identity: identity, keptHeights: GovernanceKey.bankChanges)
                else { continue }
            } catch {
                // A peer's word was wrong: it goes on once another says which blocks changed the banks.
                guard case .store(let fault) = error else { continue }
                throw fault
            }
            try folder.install(importOf: height)
            for older in heights where older < height { try checkpoints.removeImport(at: older) }
            return
        }
    }

    /// The height of the stored state, nil if there is none or it is damaged.
    ///
    /// A fetched one may take its place then. Whatever else is in the way of opening it is no reason for that.
    static func storedHeight(
        _ folder: DataFolder, _ identity: StoreIdentity
    ) throws(StoreFault) -> UInt64? {
        do throws(StoreFault) {
            return try StateStore(path: folder.statePath, identity: identity).meta?.height
        } catch {
            guard error.kind == .corrupt else { throw error }
            return nil
        }
    }

    private static func workingState(
        _ store: StateStore, _ height: UInt64, _ configuration: NodeConfiguration
    ) -> State {
        State(
            source: store, height: height, cellLimit: configuration.cellLimit,
            seed: .random(in: 0 ... .max))
    }

    private static func head(
        _ meta: StateMeta, _ history: HistoryStore
    ) throws(StoreFault) -> StoredBlock {
        func damaged(_ message: String) -> StoreFault {
            StoreFault(.corrupt, operation: "open", path: "history", message: message)
        }
        guard let bytes = try history.block(at: meta.height) else {
            throw damaged("block \(meta.height), on which the stored state stands, is missing")
        }
        guard let block = try? StoredBlock(decoding: bytes), block.hash == meta.headerHash else {
            throw damaged("block \(meta.height) is not the one on which the stored state stands")
        }
        return block
    }

    /// Makes block 0 and stores it.
    private static func begin(
        _ genesis: Genesis, _ store: StateStore, _ history: HistoryStore,
        _ configuration: NodeConfiguration
    ) throws(StoreFault) -> (Machine, StoredBlock) {
        let (machine, executed) = Machine.begin(
            genesis, state: workingState(store, 0, configuration))
        guard let block = try? StoredBlock(decoding: executed.stored) else {
            preconditionFailure("a block that was just encoded does not decode")
        }
        try history.append(
            [
                BlockRecord(
                    height: 0, hash: block.hash, transactions: [], logItems: [],
                    bytes: block.bytes)
            ], sync: true)
        try store.apply(
            machine.state.collectChanges(),
            meta: StateMeta(
                height: 0, headerHash: block.hash, stateHash: executed.header.stateHash))
        machine.state.written(upTo: 0)
        return (machine, block)
    }
}

extension NodeConfiguration {
    /// Checks what no single field shows.
    func check() throws(NodeFault) {
        guard !isClockManual || genesis.chainID == Genesis.developmentChainID else {
            throw .configuration(
                "a clock driven by hand is for development chains (chain id \(Genesis.developmentChainID)) only; this one has chain id \(genesis.chainID)"
            )
        }
        guard genesis.validators.count == 1 || peering != nil else {
            throw .configuration(
                "the genesis names \(genesis.validators.count) banks: say where this node meets the others, in a file for --config"
            )
        }
    }
}
