import Ledger

/// What executing a body gave.
public struct ExecutedBlock: Sendable {
    /// The header.
    public let header: Header
    /// The header's hash.
    public let hash: Hash32
    /// The executed body; nil for genesis.
    public let body: Body?
    /// All records one behind another: one a transaction, then the block's own.
    public let records: [UInt8]
    /// Where each record ends in ``records``.
    public let recordEnds: [Int]
    /// What changed, sorted by key.
    public let changes: StateChanges
    /// Whether it is asked who signed it: votes for it are worth putting into a later body.
    public let isSampled: Bool

    /// The block as it is stored.
    public var stored: [UInt8] {
        StoredBlock.encode(
            header: header, body: body?.bytes ?? [], records: records, recordEnds: recordEnds,
            changes: changes)
    }

    /// The encoded record of a transaction or, at the last index, of the block itself.
    public func recordBytes(_ index: Int) -> ArraySlice<UInt8> {
        records[(index == 0 ? 0 : recordEnds[index - 1])..<recordEnds[index]]
    }
}
