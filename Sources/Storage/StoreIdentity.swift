import Ledger

/// Which ledger a store belongs to.
///
/// Written once, when the store is made, and checked at each opening.
public struct StoreIdentity: Hashable, Sendable {
    /// The ledger's chain id.
    public var chainID: UInt64
    /// The hash of the ledger's genesis.
    public var genesisHash: Hash32

    /// Names a ledger.
    public init(chainID: UInt64, genesisHash: Hash32) {
        self.chainID = chainID
        self.genesisHash = genesisHash
    }
}

extension StoreIdentity {
    /// The one format that this program writes and reads.
    static let formatVersion: UInt32 = 1

    /// 44 bytes: format version, chain id, genesis hash.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 44)
        writer.write(Self.formatVersion)
        writer.write(chainID)
        writer.write(genesisHash)
        return writer.bytes
    }

    /// Checks that a store is this ledger's, or marks an empty one as such.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - key: where it keeps its identity; sorts before all other keys.
    /// - Throws: ``StoreFault/Kind/unsupported``, ``StoreFault/Kind/foreign`` or
    ///   ``StoreFault/Kind/corrupt``.
    func check(_ store: any KeyValueStore, key: [UInt8]) throws(StoreFault) {
        func fault(_ kind: StoreFault.Kind, _ message: String) -> StoreFault {
            StoreFault(kind, operation: "open", path: store.path, message: message)
        }
        guard let found = try store.value(key) else {
            var isEmpty = true
            try store.scan(from: [], to: nil) { _, _ in
                isEmpty = false
                return false
            }
            guard isEmpty else {
                throw fault(.corrupt, "it holds data but not the record that says of which ledger")
            }
            var batch = WriteBatch()
            batch.put(key, bytes)
            return try store.write(batch, sync: true)
        }
        let version: UInt32
        let other: StoreIdentity
        do throws(DecodingFault) {
            (version, other) = try Self.decode(found)
        } catch {
            throw fault(.corrupt, "the record of its ledger is damaged: \(error)")
        }
        guard version == Self.formatVersion else {
            throw fault(
                .unsupported,
                "it has format version \(version), this program knows \(Self.formatVersion)")
        }
        guard other == self else {
            throw fault(
                .foreign,
                "it belongs to chain \(other.chainID) with genesis \(other.genesisHash), "
                    + "asked for is chain \(chainID) with genesis \(genesisHash)")
        }
    }

    /// Reads the version, and the rest if the version is ours.
    private static func decode(
        _ bytes: [UInt8]
    ) throws(DecodingFault) -> (version: UInt32, identity: StoreIdentity) {
        var reader = ByteReader(bytes)
        let version: UInt32 = try reader.read()
        guard version == formatVersion else {
            return (version, StoreIdentity(chainID: 0, genesisHash: .zero))
        }
        let identity = StoreIdentity(
            chainID: try reader.read(), genesisHash: try reader.readHash())
        try reader.finish()
        return (version, identity)
    }
}
