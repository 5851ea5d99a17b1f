import Execution
import Glibc
import Ledger
import Storage

/// The data of a node, opened and checked: folder, stores, and the machine on top of them.
struct OpenedData {
    let folder: DataFolder
    let state: StateStore
    let history: HistoryStore
    let machine: Machine
    let head: StoredBlock
    /// This node's place among the validators, from 1.
    let nodeID: UInt64
    /// When the first timer is due, in seconds.
    let nextDue: UInt64?

    init(_ configuration: NodeConfiguration) throws(NodeFault) {
        do throws(StoreFault) {
            let genesis = configuration.genesis
            let identity = StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash)
            folder = try DataFolder(path: configuration.folder)
            try folder.checkRoom(reserve: configuration.diskReserve)
            state = try StateStore(path: folder.statePath, identity: identity)
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
            let place = genesis.validators.firstIndex { $0.address == configuration.key.address }
            nodeID = UInt64(place ?? 0) + 1
            nextDue = machine.nextDue
            if let fault = state.storeFault { throw fault }
        } catch {
            throw .store(error.description)
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
        guard genesis.validators.contains(where: { $0.address == key.address }) else {
            throw .configuration(
                "the node's key belongs to \(key.address), which is no validator of the genesis: use the key of one of them"
            )
        }
        guard genesis.validators.count == 1 else {
            throw .configuration(
                "the genesis names \(genesis.validators.count) banks; this version runs a consortium of one"
            )
        }
    }
}
