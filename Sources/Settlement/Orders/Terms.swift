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

extension IOrders.Terms {
    /// The gas of opening an order with them, the call itself not counted.
    public var openingGas: UInt64 {
        Gas.opening(
            lines: lines.count, gates: gates.count,
            attestors: gates.reduce(0) { $0 + $1.attestors.count }, parties: partyCount)
    }

    /// How many accounts have a part in it: buyer, arbiter, payees, attestors; who proposes it is not in the terms.
    var partyCount: Int {
        var parties: Set<Address> = [.zero, buyer, arbiter]
        for line in lines { parties.insert(line.payee) }
        for gate in gates { parties.formUnion(gate.attestors) }
        return parties.count - 1
    }
}
