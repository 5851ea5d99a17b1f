import Execution
import Ledger
import Storage

/// What a process finds on its disk when it starts, made anew on an empty one.
struct OpenedDisk {
    let state: StateStore
    let history: HistoryStore
    let machine: Machine
    let head: StoredBlock

    init(_ disk: Disk, genesis: Genesis, _ chance: inout Chance) throws {
        let identity = StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash)
        state = try StateStore(over: disk.state, identity: identity)
        history = try HistoryStore(blocks: disk.blocks, index: disk.index, identity: identity)
        let seed = chance.next()
        guard let meta = state.meta else {
            (machine, head) = try Self.begin(genesis, state, history, seed)
            return
        }
        guard let bytes = try history.block(at: meta.height) else {
            throw Finding(
                .nodesComeBack,
                "the stored state is of block \(meta.height), which the history does not have")
        }
        head = try StoredBlock(decoding: bytes)
        guard head.hash == meta.headerHash else {
            throw Finding(
                .nodesComeBack,
                "the stored state is of another block \(meta.height) than the history has")
        }
        machine = Machine(
            genesis: genesis,
            state: Self.workingState(state, height: meta.height, seed: seed),
            tip: Tip(head.header))
    }

    /// So few cells in memory that most are read from the store again and again.
    private static func workingState(
        _ store: StateStore, height: UInt64, seed: UInt64
    ) -> State {
        State(source: store, height: height, cellLimit: 8, objectLimit: 8, seed: seed)
    }

    /// Makes block 0 and stores it: the block first, as everywhere.
    private static func begin(
        _ genesis: Genesis, _ store: StateStore, _ history: HistoryStore, _ seed: UInt64
    ) throws -> (Machine, StoredBlock) {
        let (machine, executed) = Machine.begin(
            genesis, state: workingState(store, height: 0, seed: seed))
        let block = try StoredBlock(decoding: executed.stored)
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
