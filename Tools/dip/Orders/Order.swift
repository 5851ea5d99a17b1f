import ArgumentParser

/// `dip order …`.
struct Order: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Open orders, pay them, and everything between.",
        discussion: """
            An order is escrow with a plan: lines say who gets how much, gates what a line waits \
            for. Its suppliers' own orders are pledged to by claims on it, so that one payment at \
            the top pays every tier in the same block. Lines and gates are counted from 0.
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Look", subcommands: [OrderShow.self, OrderTree.self, OrderList.self]),
            CommandGroup(
                name: "Open and pay",
                subcommands: [
                    OrderNew.self, OrderOpen.self, OrderAccept.self, OrderDecline.self,
                    OrderFund.self, OrderGuarantee.self,
                ]),
            CommandGroup(
                name: "Gates",
                subcommands: [
                    OrderAttest.self, OrderAttestSign.self, OrderAttestSubmit.self,
                    OrderDispute.self, OrderResolve.self,
                ]),
            CommandGroup(
                name: "Claims",
                subcommands: [
                    OrderPledge.self, OrderTransfer.self, OrderWaive.self, OrderOffer.self,
                    OrderBuy.self, OrderWithdraw.self,
                ]),
            CommandGroup(
                name: "Set-off", subcommands: [OrderConsent.self, OrderSetOff.self]),
        ])
}
