import JSON
import Ledger
import SupplyChain
import Wallet

/// Settles one unit of a product: everybody opens an order on its suppliers, the buyer pays once.
struct ChainDemo {
    /// DIP for the fees of each account.
    static let feeMoney: UInt128 = 10_000_000_000_000_000_000

    let plan: SettlementPlan
    let ledger: DemoLedger
    let buyer: PrivateKey
    let firms: [PrivateKey]
    /// Keys that vote for banks, which admit reviewers of templates.
    private let operators: [PrivateKey]

    init(
        _ plan: SettlementPlan, _ ledger: DemoLedger, operators: [PrivateKey],
        buyer: PrivateKey? = nil
    ) throws {
        self.plan = plan
        self.ledger = ledger
        self.operators = operators
        self.buyer = try buyer ?? PrivateKey.random()
        firms = try plan.firms.map { _ in try PrivateKey.random() }
    }

    /// Tells the whole story and checks it against the ledger.
    ///
    /// - Parameters:
    ///   - loss: makes the payment while the leader fails; nil: nothing happens meanwhile.
    ///   - tell: gets a line on each step.
    /// - Returns: what the ledger says afterwards.
    /// - Throws: ``Failure``, also for every difference to the plan.
    func run(losing loss: LeaderLoss? = nil, _ tell: (String) -> Void) async throws -> ChainResult {
        let bank = try DemoBank(ledger)
        tell("the bank issues \(text(plan.cash)) and deposits it with the buyer")
        let token = try await bank.issue(plan.cash, decimals: plan.decimals)
        try await bank.pay([(buyer.address, plan.cash)], in: token)
        tell("\(firms.count) firms get accounts and a little DIP for fees")
        try await bank.pay(
            ([buyer] + firms).map { ($0.address, Self.feeMoney) }, in: .dip)
        let template = try await DemoTemplate(publishedBy: bank, operators: operators)
        tell("\"\(template.name)\" is published, reviewed and active")
        let ids = try await openOrders(template, token: token, tell)
        tell("the buyer pays \(text(plan.cash)), once")
        let fund = DemoCall(by: buyer, .orders, IOrders.Function.fund, words: 2) {
            $0.write(ids[0])
            $0.write(amountOrAll: nil)
        }
        let raw = try await ledger.sign([fund])
        let start = ContinuousClock.now
        let block: UInt64
        if let loss { block = try await loss.pay(raw[0]) } else { block = try await pay(raw[0]) }
        let duration = ContinuousClock.now - start
        let stateHashes = try await loss?.recover(stateAfter: block)
        return try await ChainResult(
            self, token: token, orders: ids,
            ChainResult.Course(block: block, duration: duration, stateHashes: stateHashes))
    }

    /// - Returns: the block that has the payment, and cannot be undone any more.
    private func pay(_ raw: [UInt8]) async throws -> UInt64 {
        try await ledger.submit([raw])
        return try await ledger.certified(Keccak256.hash(raw).hex).block
    }

    /// Opens the orders, a level at a time: each pledges claims of orders that are there already.
    func openOrders(
        _ template: DemoTemplate, token: Address, _ tell: (String) -> Void
    ) async throws -> [UInt64] {
        var ids = [UInt64](repeating: 0, count: plan.orders.count)
        var pledges = 0
        for wave in waves {
            let calls = wave.map { call(plan.orders[$0], template, token: token, ids: ids) }
            for (index, receipt) in zip(wave, try await ledger.perform(calls)) {
                guard let id = Hash32(receipt.output)?.number.flatMap({ UInt64(exactly: $0) })
                else { throw Failure.failed("a new order has no id") }
                ids[index] = id
                pledges += plan.orders[index].pledges.count
            }
        }
        tell("\(ids.count) orders are open, \(pledges) claims pledged, nothing paid yet")
        return ids
    }

    /// The orders that can be opened at the same time, the buyer's alone first.
    private var waves: [[Int]] {
        var depths: [Int] = []
        for order in plan.orders {
            depths.append((order.pledges.map { depths[$0.order] }.max() ?? -1) + 1)
        }
        var waves: [[Int]] = []
        for (index, depth) in depths.enumerated() {
            while waves.count <= depth { waves.append([]) }
            waves[depth].append(index)
        }
        return waves
    }

    private func call(
        _ order: SettlementPlan.Order, _ template: DemoTemplate, token: Address, ids: [UInt64]
    ) -> DemoCall {
        template.open(
            by: order.firm.map { firms[$0] } ?? buyer, token: token,
            suppliers: order.lines.map { (firms[$0.payee].address, $0.amount) },
            pledges: order.pledges.map {
                IOrders.Pledge(order: ids[$0.order], line: UInt16($0.line), units: $0.units)
            })
    }

    func text(_ units: UInt128) -> String {
        "\(plan.decimal(units).grouped()) \(DemoBank.symbol)"
    }
}
