/// The banks' governance at 0x…d107, as clients see it.
public enum IGovernance {
    /// What is proposed.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// A bank joins.
        case admitBank
        /// A bank leaves.
        case removeBank
        /// A bank's key is replaced.
        case rotateKey
        /// A parameter gets a value.
        case setParameter
        /// A reviewer of templates joins.
        case admitReviewer
        /// A reviewer of templates leaves.
        case removeReviewer
        /// The treasury pays.
        case payTreasury
        /// A protocol version holds from a height on.
        case activateVersion
        /// A template may no longer be opened.
        case suspendTemplate
    }
}
