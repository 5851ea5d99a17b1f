import Ledger

/// The keys of legal entities in the state, 0x34 to 0x37; `docs/formats/state.md`.
enum EntityKey {
    /// The entity behind an account, ``StoredEntity``.
    static func entity(_ account: Address) -> [UInt8] {
        var writer = ByteWriter(capacity: 21)
        writer.write(byte: 0x34)
        writer.write(account)
        return writer.bytes
    }
}
