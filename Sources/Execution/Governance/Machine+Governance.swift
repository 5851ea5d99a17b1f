import Ledger

extension Machine {
    /// Prices and limits in force for the next block.
    public var rules: Rules { governance.rules }

    /// The banks that sign the next block's header.
    public var bankSet: BankSet { governance.bankSet }

    /// The hash of ``bankSet``, worked out once.
    public var bankSetHash: Hash32 { governance.bankSetHash }

    /// Which protocol version holds from which height on; what is decided holds at heights that are at
    /// least ``Governance/versionNotice`` blocks away, so that bodies can be cut ahead of execution.
    public var versions: VersionSchedule { governance.versions }

    /// The protocol version that a body of a height must have, as far as the last executed block says.
    public func versionActive(at height: UInt64) -> UInt16 { versions.version(at: height) }

    /// The height whose state's root the header of a block certifies, nil for most blocks.
    public func checkpointDue(at height: UInt64) -> UInt64? { genesis.checkpointDue(at: height) }
}
