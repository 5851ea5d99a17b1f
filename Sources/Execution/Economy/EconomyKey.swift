import Ledger

/// The keys of the economy's objects in the state, 0x30 to 0x33; `docs/formats/state.md`.
enum EconomyKey {
    /// The running epoch and the one before, ``Epochs``.
    static let epochs: [UInt8] = [0x31]
    /// What was paid for the last epoch that was, ``EpochAccount``.
    static let paid: [UInt8] = [0x33]

    /// A total over the ledger's life.
    static func total(_ total: EconomyTotal) -> [UInt8] { [0x30, total.rawValue] }

    /// Who signed a sampled height, ``Sample``.
    static func sample(_ height: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.write(byte: 0x32)
        writer.write(height)
        return writer.bytes
    }
}
