import ArgumentParser
import JSON
import Ledger

/// `dip order show`.
struct OrderShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an order with its lines, gates and claims.")

    @Argument(help: "The order's number.")
    var order: UInt64

    @OptionGroup var language: LanguageOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let order = try await session.call("dip_order", .integer(order)).known(order)
        // Only words depend on it.
        let template = try? await session.template(ofOrder: order)
        session.show(order) {
            let texts = template.map { TemplateTexts($0.template, language: language.code) }
            OrderText(order, session.names, texts).full()
        }
    }
}

extension JSON {
    /// The order, where there is one.
    fileprivate func known(_ id: UInt64) throws -> JSON {
        guard !isNull else { throw Failure.failed("there is no order \(id)") }
        return self
    }
}

/// `dip order list`.
struct OrderList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the orders in which an account has a part.",
        discussion: "As buyer, payee, holder of a claim, attestor, arbiter or guarantor.")

    @Argument(help: "The account.")
    var account: String?

    @OptionGroup var list: ListOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let orders = try await session.pages(
            "dip_ordersOf", [.string(account.hex)], member: "orders", atMost: list.limit)
        session.show(orders.json("orders", [("account", .string(account.checksummed))])) {
            let rows = orders.elements.map { order in
                let currency = Currency(order)
                return [
                    order["id"]?.plain ?? "?", order["status"]?.plain ?? "?",
                    order["buyer"]?.address.map { session.names.short($0) } ?? "?",
                    currency?.text(order["price"]) ?? "?",
                    currency?.text(order["outstanding"]) ?? "?",
                    Moment.text(order["dueAt"]?.whole64 ?? 0),
                ]
            }
            Output.table(
                ["order", "status", "buyer", "price", "outstanding", "due"], rows,
                right: [0, 3, 4])
            orders.noteRest()
        }
    }
}

/// `dip order tree`.
struct OrderTree: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Show an order and the orders that are paid out of it, tier by tier.")

    @Argument(help: "The order's number.")
    var order: UInt64

    @OptionGroup var list: ListOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let tree = try await session.call("dip_tree", .integer(order), .integer(list.limit))
            .known(order)
        session.show(tree) {
            OrderText(tree, session.names).tree()
            if tree["truncated"]?.bool == true {
                Output.note(
                    "not all orders are shown: --limit, or the tree of one that is cut off")
            }
        }
    }
}
