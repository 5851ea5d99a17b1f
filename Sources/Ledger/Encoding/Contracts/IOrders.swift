/// The contract of orders at 0x…d102, as clients see it.
public enum IOrders {
    /// What happens at a gate's deadline.
    public enum OnTimeout: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// The gate fails.
        case fail
        /// The gate is met in full.
        case meet
        /// The arbiter decides.
        case arbitrate
    }

    /// Where a gate stands.
    public enum GateState: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// Not decided.
        case pending
        /// Met, with a share.
        case met
        /// Failed.
        case failed
        /// With the arbiter.
        case disputed
    }

    /// Where an order stands.
    public enum Status: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// There is no such order.
        case none
        /// Opened by somebody else, not yet accepted by its buyer.
        case proposed
        /// Running.
        case open
        /// Every line is paid or voided.
        case closed
    }
}
