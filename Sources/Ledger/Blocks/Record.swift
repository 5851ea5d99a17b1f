/// How a transaction ended.
public enum Outcome: UInt8, Sendable {
    /// Refused: its effects are undone, its fee and nonce are used.
    case refused = 0
    /// Done.
    case done = 1
    /// Never ran: its nonce or its cover for the fee no longer held when its turn came, or it asks for more gas
    /// than the block had left.
    case skipped = 2

    /// Reads it from the first byte of an encoded record.
    /// - Returns: nil if no record begins like that.
    public init?(record: ArraySlice<UInt8>) {
        guard let first = record.first, first & 0xe0 == 0 else { return nil }
        self.init(rawValue: first & 0x0f)
    }
}

/// What a transaction did, compactly: the leaf of the header's ``Header/recordsRoot``, from which the
/// receipt and its logs follow byte for byte.
///
/// The last record of a block is its own: timers and continued cascades; its gas is 0.
public struct Record: Sendable {
    /// How it ended.
    public let outcome: Outcome
    /// The gas it used.
    public let gasUsed: UInt64
    /// Who paid the fee, where that is not the sender.
    public let feePayer: Address?
    /// What the call returned or, where it was refused, the custom error.
    public let output: ArraySlice<UInt8>
    /// Framed effects: tag, four bytes of length, payload.
    public let effects: ArraySlice<UInt8>

    /// Decodes a record.
    ///
    /// - Source: `docs/formats/block.md`.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        let first = try reader.read(UInt8.self)
        guard let outcome = Outcome(record: bytes) else {
            throw DecodingFault("a record starts with 0, 1 or 2")
        }
        self.outcome = outcome
        gasUsed = try reader.read()
        feePayer = first & 0x10 == 0 ? nil : try reader.readAddress()
        output = try reader.readCounted()
        effects = try reader.readRaw(reader.remaining)
    }

    /// Writes a record.
    public static func write(
        _ outcome: Outcome, gasUsed: UInt64, feePayer: Address?, output: [UInt8],
        effects: ArraySlice<UInt8>, to writer: inout ByteWriter
    ) {
        writer.write(byte: outcome.rawValue | (feePayer == nil ? 0 : 0x10))
        writer.write(gasUsed)
        if let feePayer { writer.write(feePayer) }
        writer.write(counted: output)
        writer.write(raw: effects)
    }
}
