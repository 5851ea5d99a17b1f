import Execution
import Ledger
import Settlement
import Storage
import Tokens

/// Checks that all money and all orders of a state add up.
struct Sums {
    /// What does not, nil if all is well.
    let fault: String?

    /// How many orders are looked at before memory is given back.
    private static let stretch: UInt64 = 4096

    init(machine: Machine, state: StateSnapshot) throws(StoreFault) {
        var sums = MoneySums()
        try state.scanCells { key, cell in
            sums.add(key, cell.amount)
            return true
        }
        let faults = sums.faults(machine.tokens)
        fault =
            faults.first ?? Self.orderFault(machine, sums) ?? machine.templates.fault()
            ?? Self.redemptionFault(machine)
    }

    private static func redemptionFault(_ machine: Machine) -> String? {
        let audit = RedemptionAudit(machine.tokens)
        var inFlight: [TokenID: UInt128] = [:]
        let count = machine.tokens.redemptionCount
        if count > 0 { audit.addInFlight(of: 1...count, to: &inFlight) }
        return audit.faults(inFlight: inFlight).first
    }

    private static func orderFault(_ machine: Machine, _ sums: MoneySums) -> String? {
        let orders = machine.orders
        let audit = Audit(orders)
        var escrow: [TokenID: UInt128] = [:]
        var first: UInt64 = 1
        while first <= orders.count {
            let ids = first...min(first + stretch - 1, orders.count)
            if let fault = audit.orderFaults(in: ids).first { return fault }
            audit.addEscrow(of: ids, to: &escrow)
            orders.trim()
            machine.state.trim()
            first = ids.upperBound + 1
        }
        for number in 0...machine.tokens.count {
            let token = TokenID(rawValue: number)
            let owed = (escrow[token] ?? 0) + sums.held(in: token)
            let balance = machine.tokens.balance(of: .orders, in: token)
            guard owed == balance else {
                return "token \(machine.tokens.address(of: token)): 0x…d102 has \(balance), "
                    + "orders and held payouts are \(owed)"
            }
        }
        return nil
    }
}
