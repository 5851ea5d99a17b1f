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

    /// How far a proposal has come.
    public enum Stage: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// Banks may vote.
        case open
        /// A majority wants it; it waits for its height.
        case decided
        /// It holds, or did until another change.
        case enacted
        /// A majority wanted it, but at its height it could not be.
        case failed
        /// Its time to be voted on has passed.
        case expired
    }
}
