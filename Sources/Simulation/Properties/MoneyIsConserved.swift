import Execution
import Ledger
import Settlement
import Tokens

/// Balances add up to supplies, escrow to what orders hold, and orders are in order.
enum MoneyIsConserved {
    static func check(_ machine: Machine, _ world: World) throws {
        let audit = Audit(machine.orders)
        let accounts = world.accounts
        var tokens = [TokenID.dip]
        tokens += (0..<machine.tokens.count).compactMap { machine.tokens.issued($0) }
        for token in tokens {
            if let fault = audit.moneyFaults(in: token, accounts: accounts).first {
                throw Finding(
                    .moneyIsConserved, "token \(token.rawValue) at \(machine.tip.height): \(fault)")
            }
        }
        guard machine.tokens.supply(of: .dip) == world.supply else {
            throw Finding(
                .moneyIsConserved,
                "there are \(machine.tokens.supply(of: .dip)) units of DIP at \(machine.tip.height), "
                    + "genesis made \(world.supply)")
        }
        let expected = machine.economy.treasury(endowment: 0)
        let treasury = machine.tokens.balance(of: .treasury, in: .dip)
        guard treasury == expected else {
            throw Finding(
                .moneyIsConserved,
                "the treasury has \(treasury) units at \(machine.tip.height), its totals say \(expected)"
            )
        }
        if let fault = audit.orderFaults().first {
            throw Finding(.moneyIsConserved, "at \(machine.tip.height): \(fault)")
        }
        if let fault = machine.templates.fault() {
            throw Finding(.moneyIsConserved, "at \(machine.tip.height): \(fault)")
        }
        if let fault = RedemptionAudit(machine.tokens).faults().first {
            throw Finding(.moneyIsConserved, "at \(machine.tip.height): \(fault)")
        }
        // What was looked at must not stay in memory, or the run would depend on being watched.
        machine.state.trim()
    }
}
