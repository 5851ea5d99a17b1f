import Execution
import Foundation
import JSON
import Ledger
import Node
import SupplyChain

/// What settling chains by cascade took.
struct Cascades {
    var orders = 0
    var payouts = 0
    var openSeconds = 0.0
    var settleSeconds = 0.0
}

/// A plan that is carried out, by accounts of its own.
private struct PlannedRun {
    let plan: SettlementPlan
    /// The account of the plan's first firm.
    let offset: Int
    /// How many orders each pledges through to the buyer's, which has none: those of one level need only lower ones.
    let levels: [Int]
    /// The orders' numbers, 0 for those that are not open.
    var numbers: [UInt64]

    var depth: Int { levels.max() ?? 0 }

    init(_ plan: SettlementPlan, offset: Int) {
        self.plan = plan
        self.offset = offset
        var levels: [Int] = []
        for order in plan.orders {
            levels.append(order.pledges.reduce(0) { max($0, levels[$1.order] + 1) })
        }
        self.levels = levels
        numbers = Array(repeating: 0, count: levels.count)
    }
}

extension Run {
    /// Opens the orders of chains, each firm its own, and then pays at the top only.
    ///
    /// - Parameters:
    ///   - file: chains, a line of JSON each; nil makes chains of the same sizes and depths.
    ///   - payouts: some so many payments are to be made by cascade; those that were are counted.
    /// - Returns: how many there were and how long they took.
    /// - Throws: ``LoadFailure`` if the node refuses one or does not answer.
    mutating func cascades(file: String?, payouts: Int) throws -> Cascades {
        let plans = try Self.plans(file: file)
        var result = Cascades()
        var runs: [PlannedRun] = []
        var nextAccount = 0
        let count = accounts.addresses.count
        while result.payouts < payouts {
            for plan in plans where result.payouts < payouts {
                runs.append(PlannedRun(plan, offset: nextAccount))
                nextAccount = (nextAccount + plan.firms.count) % count
                result.orders += plan.orders.count
                result.payouts += plan.orders.reduce(0) { $0 + $1.lines.count + $1.pledges.count }
            }
        }
        for level in 0...(runs.map(\.depth).max() ?? 0) {
            var opens: [[UInt8]] = []
            for run in runs {
                for order in run.plan.orders.indices where run.levels[order] == level {
                    opens.append(open(run.plan.orders[order], of: run))
                }
            }
            let opened = try openOrders(opens, perRequest: 400)
            result.openSeconds += opened.seconds
            var next = 0
            for run in runs.indices {
                for order in runs[run].levels.indices where runs[run].levels[order] == level {
                    runs[run].numbers[order] = opened.orders[next]
                    next += 1
                }
            }
        }
        let payments = runs.map { run -> [UInt8] in
            var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            writer.write(run.numbers[0])
            writer.write(run.plan.cash)
            return operatorCall(.orders, writer.finish(), gas: 30_000_000)
        }
        result.settleSeconds = try submit(payments, perRequest: 8)
        result.payouts = try payoutCount(of: payments)
        return result
    }

    /// How many payouts the payments made, by their receipts.
    private func payoutCount(of payments: [[UInt8]]) throws -> Int {
        let socket = try Connection(port: node.port)
        let topic = "\"topics\":[\"\(IOrders.Event.paid.topic.hex)"
        return try payments.reduce(0) {
            $0 + Submitter.count(of: topic, in: try receipt(of: $1, socket))
        }
    }

    private mutating func open(_ order: SettlementPlan.Order, of run: PlannedRun) -> [UInt8] {
        let count = accounts.addresses.count
        func account(_ firm: Int) -> Int { (run.offset + firm) % count }
        let lines = order.lines.map {
            IOrders.Line(
                tier: 0, payee: accounts.addresses[account($0.payee)], amount: $0.amount, gate: 0)
        }
        let buyer = order.firm.map { accounts.addresses[account($0)] } ?? operatorKey.address
        let terms = IOrders.Terms(
            token: token, buyer: buyer, arbiter: .zero, dueAt: 0, document: .zero, lines: lines,
            gates: [])
        var writer = ABIWriter(selector: IOrders.Function.openFrom.rawValue, words: 2)
        writer.write(terms)
        writer.write(
            array: order.pledges.map {
                IOrders.Pledge(
                    order: run.numbers[$0.order], line: UInt16($0.line), units: $0.units)
            })
        let data = writer.finish()
        guard let firm = order.firm else {
            return operatorCall(.orders, data, gas: 30_000_000)
        }
        let index = account(firm)
        defer { nonces[index] += 1 }
        return signer.sign(
            accounts.key(index), nonce: nonces[index], to: .orders, data: data,
            gas: 30_000_000)
    }

    private static func plans(file: String?) throws -> [SettlementPlan] {
        let chains: [Chain]
        if let file {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw LoadFailure("cannot read \(file)")
            }
            chains = try ChainFile(Array(data), file: file).chains.map(\.chain)
        } else {
            chains = try GeneratedChains.make()
        }
        var plans: [SettlementPlan] = []
        for chain in chains {
            for product in chain.products {
                // Products that cost nothing, or that no plan can be made for, settle nothing.
                guard let plan = try? SettlementPlan(chain, product: chain.stages[product].name),
                    plan.cash > 0
                else { continue }
                plans.append(plan)
            }
        }
        guard !plans.isEmpty else { throw LoadFailure("no chain has a product to be paid") }
        return plans
    }
}

extension Asker {
    func orderCount() throws -> UInt128 {
        let selector = String(IOrders.Function.count.rawValue, radix: 16)
        let padded = String(repeating: "0", count: 8 - selector.count) + selector
        let result = try call(
            "eth_call", "[{\"to\":\"\(Address.orders)\",\"data\":\"0x\(padded)\"},\"latest\"]")
        return (result.data ?? []).reduce(0) { $0 << 8 | UInt128($1) }
    }
}
