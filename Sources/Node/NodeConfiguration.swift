import Execution
import Ledger
import Signing
import Storage

/// What a node needs to know before it starts.
public struct NodeConfiguration: Sendable {
    /// The folder of all its data; made if it is missing.
    public var folder: String
    /// What the ledger starts from, validated.
    public var genesis: Genesis
    /// The key with which the node signs headers; its account must be a validator's.
    public var key: SigningKey
    /// The bank's number; nil where its key is a founder's or is named in the ledger already.
    public var bank: UInt64?
    /// Where the other banks' nodes are met; nil for a consortium of one that meets nobody.
    public var peering: PeeringOptions?
    /// Whether the clock stands still until it is advanced; development chains only.
    public var isClockManual = false
    /// Threads that recover signatures; all cores by default.
    public var verifiers: Int
    /// Cells kept in memory, 64 bytes each.
    public var cellLimit = 1 << 22
    /// When the state goes to its store: after so many changed records, or so many blocks.
    public var flushRecords = 250_000
    /// See ``flushRecords``.
    public var flushBlocks: UInt64 = 256
    /// Entries of the log that stay behind a stored state, for peers that are a little late; others fetch
    /// blocks.
    public var trailingEntries: UInt64 = 1_024
    /// How many blocks to keep below the last one; nil keeps all.
    ///
    /// Older ones go once a certified checkpoint stands above them.
    public var keepBlocks: UInt64?
    /// Bytes of disk that must stay free; below that the node stops cleanly.
    public var diskReserve: UInt64 = 256 << 20
    /// Opens what keeps the state, in a folder; tests have one that can be told to refuse.
    var openState: @Sendable (_ path: String, StoreIdentity) throws(StoreFault) -> StateStore = {
        (path, identity) throws(StoreFault) in try StateStore(path: path, identity: identity)
    }

    /// Describes a node.
    public init(folder: String, genesis: Genesis, key: SigningKey, verifiers: Int) {
        self.folder = folder
        self.genesis = genesis
        self.key = key
        self.verifiers = verifiers
    }
}

/// How a node is.
public struct NodeStatus: Sendable {
    /// Why it does not take transactions, nil if it does.
    public var closedBecause: String?
    /// Whether it decides what comes next in the log.
    public var isLeader: Bool
    /// Transactions in the pool.
    public var poolCount: Int
    /// Cells in memory.
    public var cellCount: Int
    /// The height whose state the store holds; a restart replays the log from there.
    public var heightStored: UInt64
}
