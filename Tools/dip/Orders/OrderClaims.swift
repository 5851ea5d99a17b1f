import ArgumentParser
import JSON
import Ledger

/// Which claim, and how much of it.
struct ClaimArguments: ParsableArguments {
    @Argument(help: "The order that owes.")
    var order: UInt64

    @Argument(help: "Its line, counted from 0.")
    var line: UInt16

    /// The amount that a text says, in the order's token.
    func amount(
        _ text: String, inUnits: Bool, _ session: Session
    ) async throws -> (units: UInt128, text: String) {
        let currency = try await session.currency(ofOrder: order)
        let units = try currency.amount(text, inUnits: inUnits)
        return (units, "\(currency.text(units)) of order \(order), line \(line)")
    }
}

/// `dip order pledge`.
struct OrderPledge: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pledge",
        abstract: "Pledge what an order owes you to one that you owe: your suppliers' security.",
        discussion: """
            From then on, what comes in on the first goes straight into the second. It cannot be \
            taken back.

              dip order pledge 7 0 1000 --to 12
            """)

    @OptionGroup var claim: ClaimArguments

    @Argument(help: "How much.")
    var amount: String

    @Option(
        name: .customLong("to"), help: ArgumentHelp("The order that gets it.", valueName: "order"))
    var child: UInt64

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let amount = try await claim.amount(amount, inUnits: units, session)
        let call = ContractCall(.claims, IClaims.Function.pledge, words: 4) {
            $0.write(claim.order)
            $0.write(claim.line)
            $0.write(child)
            $0.write(amount.units)
        }
        return Plan(call, "pledge \(amount.text) to order \(child)")
    }
}

/// `dip order transfer`.
struct OrderTransfer: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer", abstract: "Give somebody what an order owes you.",
        discussion: "  dip order transfer 7 0 250 --to factoring-bank")

    @OptionGroup var claim: ClaimArguments

    @Argument(help: "How much.")
    var amount: String

    @Option(help: ArgumentHelp("Who gets it.", valueName: "account"))
    var to: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let to = try session.names.address(to)
        let amount = try await claim.amount(amount, inUnits: units, session)
        let call = ContractCall(.claims, IClaims.Function.transfer, words: 4) {
            $0.write(claim.order)
            $0.write(claim.line)
            $0.write(to)
            $0.write(amount.units)
        }
        return Plan(call, "give \(session.names.text(to)) \(amount.text)")
    }
}

/// `dip order waive`.
struct OrderWaive: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "waive", abstract: "Give up part of what an order owes you: a credit note.")

    @OptionGroup var claim: ClaimArguments

    @Argument(help: "How much.")
    var amount: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let amount = try await claim.amount(amount, inUnits: units, session)
        let call = ContractCall(.orders, IOrders.Function.waive, words: 3) {
            $0.write(claim.order)
            $0.write(claim.line)
            $0.write(amount.units)
        }
        return Plan(call, "waive \(amount.text)")
    }
}

/// `dip order offer`.
struct OrderOffer: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "offer",
        abstract: "Offer what an order owes you for a price: sell a receivable.",
        discussion: """
            Nothing is locked. Whoever buys first pays the price and holds the claim, in one step, \
            if you still hold it then with no more units ahead of it than you say.

              dip order offer 7 0 1000 --price 985 --until +7d
            """)

    @OptionGroup var claim: ClaimArguments

    @Argument(help: "How much.")
    var amount: String

    @Option(help: ArgumentHelp("For what, in the order's token.", valueName: "amount"))
    var price: String

    @Option(help: ArgumentHelp("Until when: \(Moment.help).", valueName: "time"))
    var until: Moment?

    @Option(
        help: ArgumentHelp(
            "How many units of the line may stand ahead of them; without it any.",
            valueName: "amount"))
    var maxAhead: String?

    @Option(help: ArgumentHelp("Who alone may buy.", valueName: "account"))
    var onlyTo: String?

    @Flag(help: "Amounts are in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(ofOrder: claim.order)
        let amount = try await claim.amount(amount, inUnits: units, session)
        let price = try currency.amount(price, inUnits: units)
        let ahead = try maxAhead.map { try currency.amount($0, inUnits: units) } ?? .max
        let buyer = try onlyTo.map { try session.names.address($0) } ?? .zero
        let expiry = try await until.asyncMap { try await $0.seconds(session) } ?? 0
        Moment.warn(ofPast: expiry, "--until", "nobody can take this offer")
        let call = ContractCall(.claims, IClaims.Function.offer, words: 7) {
            $0.write(claim.order)
            $0.write(claim.line)
            $0.write(amount.units)
            $0.write(price)
            $0.write(ahead)
            $0.write(buyer)
            $0.write(expiry)
        }
        return Plan(call, "offer \(amount.text) for \(currency.text(price))") { reader in
            let id = try reader.uint(UInt64.self)
            return ("offer \(id)", JSON.Member("offer", .integer(id)))
        }
    }
}

/// `dip order buy`.
struct OrderBuy: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "buy", abstract: "Buy a claim that is offered.")

    @Argument(help: "The offer's number.")
    var offer: UInt64

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let view = ContractCall(.claims, IClaims.Function.offers, words: 1) { $0.write(offer) }
        let offered = try await session.read(view) { reader throws(Rejection) in
            try reader.read(IClaims.Offer.self)
        }
        let call = ContractCall(.claims, IClaims.Function.buy, words: 1) { $0.write(offer) }
        guard offered.seller != .zero else { return Plan(call, "buy offer \(offer)") }
        let currency = try await session.currencyIfKnown(ofOrder: offered.order)
        let price = currency?.text(offered.price) ?? "\(offered.price) units"
        return Plan(
            call,
            "buy \(currency?.text(offered.units) ?? "\(offered.units) units") of order "
                + "\(offered.order), line \(offered.line) from \(session.names.text(offered.seller)) "
                + "for \(price)")
    }
}

/// `dip order withdraw`.
struct OrderWithdraw: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw", abstract: "Take an offer back.")

    @Argument(help: "The offer's number.")
    var offer: UInt64

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        Plan(
            ContractCall(.claims, IClaims.Function.withdraw, words: 1) { $0.write(offer) },
            "withdraw offer \(offer)")
    }
}
