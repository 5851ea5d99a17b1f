import Ledger

/// The keys of templates in the state, 0x38 to 0x3f; `docs/formats/state.md`.
enum TemplateKey {
    /// How many templates were published.
    static let count: [UInt8] = [0x38]

    /// The id of a template by its place among all, from 0.
    static func place(_ index: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.write(byte: 0x39)
        writer.write(index)
        return writer.bytes
    }

    /// A template's canonical JSON.
    static func content(_ id: Hash32) -> [UInt8] { key(0x3a, id) }

    /// Where it stands, ``StoredTemplate``.
    static func record(_ id: Hash32) -> [UInt8] { key(0x3b, id) }

    /// How much it is used, ``TemplateUse``.
    static func use(_ id: Hash32) -> [UInt8] { key(0x3c, id) }

    private static func key(_ first: UInt8, _ id: Hash32) -> [UInt8] {
        var writer = ByteWriter(capacity: 33)
        writer.write(byte: first)
        writer.write(id)
        return writer.bytes
    }
}
