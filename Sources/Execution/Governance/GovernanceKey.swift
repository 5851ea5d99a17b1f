import Ledger

/// The keys of governance's objects in the state, 0x20 to 0x2f; `docs/formats/state.md`.
package enum GovernanceKey {
    /// Prices and limits, ``Rules``.
    static let rules: [UInt8] = [0x20]
    /// The banks, ``BankSet``.
    package static let banks: [UInt8] = [0x21]
    /// The heights of the blocks that changed the banks.
    package static let bankChanges: [UInt8] = [0x22]
    /// Protocol versions and from which height they hold, ``VersionSchedule``.
    static let versions: [UInt8] = [0x23]
    /// The reviewers of templates.
    static let reviewers: [UInt8] = [0x24]
    /// How many proposals were made.
    static let count: [UInt8] = [0x25]
    /// The proposals that are decided and wait for their height.
    static let waiting: [UInt8] = [0x27]

    /// Operators that banks replace at the start of the next block.
    static let rotations: [UInt8] = [0x28]

    /// A proposal, ``StoredProposal``.
    static func proposal(_ id: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.write(byte: 0x26)
        writer.write(id)
        return writer.bytes
    }
}
