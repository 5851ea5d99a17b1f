import ArgumentParser
import Ledger

/// `dip order accept`.
struct OrderAccept: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept an order that was proposed to you as its buyer.")

    @Argument(help: "The order's number.")
    var order: UInt64

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        Plan(
            ContractCall(.orders, IOrders.Function.accept, words: 1) { $0.write(order) },
            "accept order \(order)")
    }
}

/// `dip order decline`.
struct OrderDecline: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "decline", abstract: "Decline or take back a proposed order.")

    @Argument(help: "The order's number.")
    var order: UInt64

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        Plan(
            ContractCall(.orders, IOrders.Function.decline, words: 1) { $0.write(order) },
            "decline order \(order)")
    }
}

/// `dip order fund`.
struct OrderFund: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "fund",
        abstract: "Pay an order; its suppliers and theirs are paid in the same block.",
        discussion: """
              dip order fund 12 all
              dip order fund 12 500 --dry-run
            """)

    @Argument(help: "The order's number.")
    var order: UInt64

    @Argument(help: "How much; all is what is outstanding.")
    var amount: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        var sum: UInt128?
        var what = "pay all that is outstanding of order \(order)"
        if amount != "all" {
            let currency = try await session.currency(ofOrder: order)
            let given = try currency.amount(amount, inUnits: units)
            sum = given
            what = "pay \(currency.text(given)) into order \(order)"
        }
        let call = ContractCall(.orders, IOrders.Function.fund, words: 2) {
            $0.write(order)
            $0.write(amountOrAll: sum)
        }
        return Plan(call, what)
    }
}

/// `dip order guarantee`.
struct OrderGuarantee: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "guarantee",
        abstract: "Lock money that stands in if the buyer does not pay by the due date.")

    @Argument(help: "The order's number.")
    var order: UInt64

    @Argument(help: "How much.")
    var amount: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(ofOrder: order)
        let amount = try currency.amount(amount, inUnits: units)
        let call = ContractCall(.orders, IOrders.Function.guarantee, words: 2) {
            $0.write(order)
            $0.write(amount)
        }
        return Plan(call, "guarantee \(currency.text(amount)) of order \(order)")
    }
}

/// `dip order consent`.
struct OrderConsent: SendingCommand {
    /// The switch.
    enum Position: String, ExpressibleByArgument, CaseIterable {
        case on, off
    }

    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Allow that your due debts and claims are set off against each other.")

    @Argument(help: "on or off.")
    var position: Position

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        Plan(
            ContractCall(.orders, IOrders.Function.consent, words: 1) { $0.write(position == .on) },
            position == .on ? "consent to set-off" : "no longer consent to set-off")
    }
}

/// `dip order set-off`.
struct OrderSetOff: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-off",
        abstract: "Cancel due debts around a circle against each other, without money.",
        discussion: """
            Every account in it must owe exactly as much as it is owed, and have consented.

              dip order set-off 4=100 9=100 12=100
            """)

    @Argument(help: "Orders with an amount each: NUMBER=AMOUNT.")
    var entries: [String]

    @Flag(help: "The amounts are in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        var orders: [UInt64] = []
        var amounts: [UInt128] = []
        for entry in entries {
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let order = UInt64(parts[0]) else {
                throw Failure.usage("\"\(entry)\": an order's number, =, and an amount are wanted")
            }
            let currency = try await session.currency(ofOrder: order)
            orders.append(order)
            amounts.append(try currency.amount(String(parts[1]), inUnits: units))
        }
        let call = ContractCall(.orders, IOrders.Function.setOff, words: 2) {
            $0.write(array: orders)
            $0.write(array: amounts)
        }
        return Plan(call, "set off \(orders.count) orders against each other")
    }
}
