/// What executing a body gave, bound to everything before it by hashes.
public struct Header: Hashable, Sendable {
    /// The length of an encoded header in bytes.
    public static let byteCount = 338

    /// The protocol version by which the body was executed.
    public var version: UInt16
    /// The block's height; genesis is 0.
    public var height: UInt64
    /// The hash of the header before; zero for genesis.
    public var parent: Hash32
    /// The hash of the body; of genesis, the genesis hash.
    public var body: Hash32
    /// Milliseconds since 1970.
    public var timeMillis: UInt64
    /// The account of the node that cut the block.
    public var leader: Address
    /// How many transactions the body has, skipped ones included.
    public var transactionCount: UInt32
    /// The Merkle root over the transactions' hashes.
    public var transactionsRoot: Hash32
    /// The Merkle root over the records of the transactions and, last, of what the block did itself.
    public var recordsRoot: Hash32
    /// The Merkle root over the changed cells and objects, in the order of their keys.
    public var changesRoot: Hash32
    /// The chained state hash: SHA-256 of the one before and ``changesRoot``.
    public var stateHash: Hash32
    /// The gas that the transactions used.
    public var gasUsed: UInt64
    /// The gas that the body's transactions may ask for together.
    public var gasLimit: UInt64
    /// DIP units a unit of gas cost in this block.
    public var gasPrice: UInt128
    /// The hash of the set of banks that sign this header: the one in the state before the block.
    public var banks: Hash32
    /// The height of the state that this header certifies as a checkpoint; 0 for none.
    public var checkpointHeight: UInt64
    /// The Merkle root over that state; zero for none.
    public var checkpointRoot: Hash32

    /// Makes a header from its parts.
    public init(
        version: UInt16 = 1, height: UInt64, parent: Hash32, body: Hash32, timeMillis: UInt64,
        leader: Address,
        transactionCount: UInt32, transactionsRoot: Hash32, recordsRoot: Hash32,
        changesRoot: Hash32, stateHash: Hash32, gasUsed: UInt64, gasLimit: UInt64,
        gasPrice: UInt128, banks: Hash32, checkpointHeight: UInt64 = 0,
        checkpointRoot: Hash32 = .zero
    ) {
        self.version = version
        self.height = height
        self.parent = parent
        self.body = body
        self.timeMillis = timeMillis
        self.leader = leader
        self.transactionCount = transactionCount
        self.transactionsRoot = transactionsRoot
        self.recordsRoot = recordsRoot
        self.changesRoot = changesRoot
        self.stateHash = stateHash
        self.gasUsed = gasUsed
        self.gasLimit = gasLimit
        self.gasPrice = gasPrice
        self.banks = banks
        self.checkpointHeight = checkpointHeight
        self.checkpointRoot = checkpointRoot
    }

    /// Decodes a header.
    ///
    /// - Source: `docs/formats/block.md`.
    public init(from reader: inout ByteReader) throws(DecodingFault) {
        version = try reader.read()
        height = try reader.read()
        parent = try reader.readHash()
        body = try reader.readHash()
        timeMillis = try reader.read()
        leader = try reader.readAddress()
        transactionCount = try reader.read()
        transactionsRoot = try reader.readHash()
        recordsRoot = try reader.readHash()
        changesRoot = try reader.readHash()
        stateHash = try reader.readHash()
        gasUsed = try reader.read()
        gasLimit = try reader.read()
        gasPrice = try reader.read()
        banks = try reader.readHash()
        checkpointHeight = try reader.read()
        checkpointRoot = try reader.readHash()
    }

    /// The encoded header, ``byteCount`` bytes.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        encode(to: &writer)
        return writer.bytes
    }

    /// Writes the encoded header.
    public func encode(to writer: inout ByteWriter) {
        writer.write(version)
        writer.write(height)
        writer.write(parent)
        writer.write(body)
        writer.write(timeMillis)
        writer.write(leader)
        writer.write(transactionCount)
        writer.write(transactionsRoot)
        writer.write(recordsRoot)
        writer.write(changesRoot)
        writer.write(stateHash)
        writer.write(gasUsed)
        writer.write(gasLimit)
        writer.write(gasPrice)
        writer.write(banks)
        writer.write(checkpointHeight)
        writer.write(checkpointRoot)
    }

    /// The block's hash: the SHA-256 of the encoded header.
    public var hash: Hash32 { SHA256.hash(bytes) }
}
