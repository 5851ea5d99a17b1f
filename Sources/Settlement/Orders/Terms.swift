import Ledger

/// What an order says, agreed when it is opened and never changed.
public typealias Terms = IOrders.Terms

extension IOrders.Terms {
    /// One entitlement.
    public typealias Line = IOrders.Line
    /// A condition that ends by itself.
    public typealias Gate = IOrders.Gate
}

/// What happens when a gate's deadline passes without an outcome.
public typealias OnTimeout = IOrders.OnTimeout
/// Where a gate stands.
public typealias GateState = IOrders.GateState
/// Where an order stands.
public typealias OrderStatus = IOrders.Status
