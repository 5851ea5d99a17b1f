/// How one unit of a product is settled: who orders what from whom, and who pledges what.
///
/// Every stage that the product needs is a firm. The buyer's order has one line, to the firm of the
/// product. Each firm with suppliers opens one order with a line for each of them, and pledges to it as
/// much as it costs from what its customers' orders owe it. One payment at the top then settles it all.
public struct SettlementPlan: Sendable {
    /// A stage of the product, with its money.
    public struct Firm: Hashable, Sendable {
        /// The stage's name.
        public let name: String
        /// 1 for the product, else one more than the deepest of its customers.
        public let tier: Int
        /// How many units of it one product needs.
        public let multiplicity: DecimalNumber
        /// What its customers' orders owe it, in the smallest unit.
        public let received: UInt128
        /// What it owes its suppliers, in the smallest unit.
        public let paidOut: UInt128
        /// What stays with it, the cost of its own stage.
        public var kept: UInt128 { received - paidOut }
    }

    /// An order that somebody opens.
    public struct Order: Hashable, Sendable {
        /// The firm that opens it, an index in ``SettlementPlan/firms``; nil for the buyer.
        public let firm: Int?
        /// Whom it pays, never empty.
        public let lines: [Line]
        /// What its opener pledges to it; together the price, except for the buyer's, which has none.
        public let pledges: [Pledge]
        /// The sum of the lines.
        public let price: UInt128
    }

    /// An entitlement of an order.
    public struct Line: Hashable, Sendable {
        /// The firm that is paid.
        public let payee: Int
        /// How much, more than 0.
        public let amount: UInt128
    }

    /// Units of a claim that an order's opener moves to it.
    public struct Pledge: Hashable, Sendable {
        /// The order that the claim is on, an earlier one.
        public let order: Int
        /// Its line, from 0.
        public let line: Int
        /// How many units, more than 0.
        public let units: UInt128
    }

    /// How many decimals the currency needs so that every amount is a whole number.
    public let decimals: Int
    /// The firms in the order of the file.
    public let firms: [Firm]
    /// The orders, each behind those that pay its opener; the buyer's first.
    public let orders: [Order]
    /// What all orders cost together: what has to move where each is paid by itself.
    public let gross: UInt128
    /// What the buyer pays, which is all that moves.
    public var cash: UInt128 { orders[0].price }

    /// How many tiers of firms there are.
    public var tiers: Int { firms.map(\.tier).max() ?? 0 }

    /// An amount as a number of whole units of the currency.
    public func decimal(_ amount: UInt128) -> DecimalNumber {
        DecimalNumber(digits: amount, scale: decimals)
    }

    /// The most suppliers that an order may pay: one line less than it may have, for the platform.
    public static let maximumLines = 1023
    /// The highest level that an order may have; the buyer's has 0.
    public static let maximumLevel = 64

    /// Plans one unit of a product.
    ///
    /// - Parameters:
    ///   - chain: where it is made.
    ///   - product: its name; nil for the only one that the chain has.
    ///   - least: how many decimals the currency has at least.
    /// - Throws: ``ChainFault`` for an unknown product, several to choose from, a product that costs
    ///   nothing, amounts from 2^128, and more lines or levels than an order may have.
    public init(
        _ chain: Chain, product: String? = nil, decimals least: Int = 0
    ) throws(ChainFault) {
        let costs = try ProductCosts(
            chain, root: try Self.root(of: chain, product), decimals: least)
        var orders: [Order] = [
            Order(
                firm: nil, lines: [Line(payee: costs.place(costs.root), amount: costs.price)],
                pledges: [], price: costs.price)
        ]
        // For each firm where it is paid, in the order in which its customers stand in the file.
        var claims: [Int: [(customer: Int, pledge: Pledge)]] = [
            costs.root: [(-1, Pledge(order: 0, line: 0, units: costs.price))]
        ]
        var received: [Int: UInt128] = [costs.root: costs.price]
        var paidOut: [Int: UInt128] = [:]
        var gross = costs.price
        for stage in costs.stages {
            let lines = try costs.lines(of: stage)
            guard !lines.isEmpty else { continue }
            guard lines.count <= Self.maximumLines else {
                throw ChainFault(
                    file: chain.file,
                    "\(chain.stages[stage].name) has \(lines.count) suppliers to pay; an order pays"
                        + " at most \(Self.maximumLines)")
            }
            let price = try Self.sum(lines.map(\.amount), chain)
            for (index, line) in lines.enumerated() {
                let claim = Pledge(order: orders.count, line: index, units: line.amount)
                claims[line.stage, default: []].append((stage, claim))
                received[line.stage] = try Self.sum(
                    [received[line.stage] ?? 0, line.amount], chain)
            }
            gross = try Self.sum([gross, price], chain)
            paidOut[stage] = price
            orders.append(
                Order(
                    firm: costs.place(stage),
                    lines: lines.map { Line(payee: costs.place($0.stage), amount: $0.amount) },
                    pledges: Self.pledges(claims[stage] ?? [], for: price), price: price))
        }
        decimals = costs.decimals
        firms = costs.inFileOrder.map { stage in
            Firm(
                name: chain.stages[stage].name, tier: costs.tier(stage),
                multiplicity: costs.multiplicity(stage), received: received[stage] ?? 0,
                paidOut: paidOut[stage] ?? 0)
        }
        self.orders = orders
        self.gross = gross
        // The buyer's order has level 0, that of a firm in tier t has t.
        let deepest = orders.compactMap(\.firm).map { firms[$0].tier }.max() ?? 0
        guard deepest <= Self.maximumLevel else {
            throw ChainFault(
                file: chain.file,
                "orders would be \(deepest) levels deep; at most \(Self.maximumLevel) are allowed")
        }
    }

    /// Takes as much as is needed, from the first customer's order on.
    private static func pledges(
        _ claims: [(customer: Int, pledge: Pledge)], for price: UInt128
    ) -> [Pledge] {
        var needed = price
        var pledges: [Pledge] = []
        for (_, claim) in claims.sorted(by: { $0.customer < $1.customer }) where needed > 0 {
            let units = min(needed, claim.units)
            pledges.append(Pledge(order: claim.order, line: claim.line, units: units))
            needed -= units
        }
        return pledges
    }

    private static func sum(
        _ amounts: [UInt128], _ chain: Chain
    ) throws(ChainFault) -> UInt128 {
        var total: UInt128 = 0
        for amount in amounts {
            let (sum, overflow) = total.addingReportingOverflow(amount)
            guard !overflow else {
                throw ChainFault(file: chain.file, "amounts reach 2^128 smallest units")
            }
            total = sum
        }
        return total
    }

    private static func root(of chain: Chain, _ product: String?) throws(ChainFault) -> Int {
        let products = chain.products
        guard let product else {
            if products.count == 1 { return products[0] }
            throw ChainFault(
                file: chain.file,
                "it has \(products.count) finished products; name one with --product:"
                    + " \(names(of: products, in: chain))")
        }
        guard let stage = products.first(where: { chain.stages[$0].name == product }) else {
            throw ChainFault(
                file: chain.file,
                "\(product) is no finished product; there are: \(names(of: products, in: chain))")
        }
        return stage
    }

    private static func names(of products: [Int], in chain: Chain) -> String {
        let names = products.prefix(40).map { chain.stages[$0].name }.joined(separator: ", ")
        return products.count > 40 ? names + ", …" : names
    }
}
