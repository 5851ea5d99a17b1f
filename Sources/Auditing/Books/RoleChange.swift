import Ledger

/// That somebody got or lost a role, or that a parameter got another value.
public struct RoleChange: Hashable, Sendable {
    /// The first block that goes by it.
    public var height: UInt64
    /// The block's time, milliseconds since 1970.
    public var timeMillis: UInt64
    /// The transaction that did it; nil for what the banks decided, and for what there was at the start.
    public var transaction: Hash32?
    /// The proposal by which the banks decided it.
    public var proposal: UInt64?
    /// The role, or what kind of value.
    public var what: String
    /// Of which bank, token or parameter.
    public var of: String
    /// What it was, nil for nothing.
    public var before: String?
    /// What it is, nil for nothing.
    public var after: String?
    /// By whom: the accounts of the banks that were for it, or who had the right to do it alone.
    public var by: [Address] = []
}
