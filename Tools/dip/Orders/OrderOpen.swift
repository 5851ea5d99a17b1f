import ArgumentParser
import JSON
import Ledger

/// `dip order open`.
struct OrderOpen: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Open an order from a JSON file.",
        discussion: """
            {
              "token": "EBD",
              "dueAt": "+60d",
              "documentFile": "contract.pdf",
              "lines": [
                {"payee": "mill", "amount": "800.00", "gate": "delivery"},
                {"payee": "mill", "amount": "200.00", "gate": "warranty"},
                {"payee": "carrier", "amount": "55.50", "tier": 1, "gate": "delivery"}
              ],
              "gates": [
                {"name": "delivery", "attestors": ["inspector"], "deadline": "+45d"},
                {"name": "warranty", "follows": "delivery", "notBefore": "365d"}
              ],
              "pledges": [{"order": 7, "line": 0, "amount": "1000.00"}]
            }

            Whoever signs is the buyer unless "buyer" says otherwise; an order that is opened for \
            another buyer is a proposal until that one accepts it. With "pledges" the order is \
            opened and claims that you hold on other orders are pledged to it in the same step. \
            'dip help order' and docs/cli.md say the rest.
            """)

    @Argument(help: "The file; - is the standard input.", completion: .file())
    var file: String

    @Flag(help: "Amounts in the file are in smallest units.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let order = try await OrderFile.read(file, session, sender: sender, inUnits: units)
        Moment.warn(
            ofPast: order.terms.dueAt, "dueAt",
            "the order is overdue as it is opened, and nobody can guarantee it")
        let call: ContractCall
        if order.pledges.isEmpty {
            call = ContractCall(.orders, IOrders.Function.open, words: 1) {
                $0.write(order.terms)
            }
        } else {
            call = ContractCall(.orders, IOrders.Function.openFrom, words: 2) {
                $0.write(order.terms)
                $0.write(array: order.pledges)
            }
        }
        let verb = order.terms.buyer == sender ? "open" : "propose"
        return Plan(
            call,
            "\(verb) an order over \(order.price)"
        ) { reader in
            let id = try reader.uint(UInt64.self)
            return ("order \(id)", JSON.Member("order", .integer(id)))
        }
    }
}
