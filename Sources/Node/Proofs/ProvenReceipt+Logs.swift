import Ledger

extension ProvenReceipt {
    /// The Ethereum logs that follow from the proved record, in order.
    public var logs: [Log] { EffectLogs.logs(of: record.effects) }
}
