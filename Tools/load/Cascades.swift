import Execution
import Foundation
import Gateway
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

extension Run {
    /// Opens the orders of chains, each firm its own, and then pays at the top only.
    ///
    /// - Parameters:
    ///   - file: chains as `willems.jsonl`; nil makes chains of the same sizes and depths.
    ///   - payouts: some so many payments are to be made by cascade; those that were are counted.
    /// - Returns: how many there were and how long they took.
    /// - Throws: ``LoadFailure`` if the node refuses one or does not answer.
    mutating func cascades(file: String?, payouts: Int) throws -> Cascades {
        let plans = try Self.plans(file: file)
        var result = Cascades()
        var opens: [[UInt8]] = []
        var tops: [(order: UInt64, price: UInt128)] = []
        var nextOrder = UInt64(try Asker(port: node.port).orderCount()) + 1
        var nextAccount = 0
        while result.payouts < payouts {
            for plan in plans {
                let first = nextOrder
                let offset = nextAccount
                let count = accounts.addresses.count
                func account(_ firm: Int) -> Int { (offset + firm) % count }
                for order in plan.orders {
                    opens.append(
                        open(order, first: first, account: account))
                    nextOrder += 1
                    result.orders += 1
                    result.payouts += order.lines.count + order.pledges.count
                }
                tops.append((first, plan.cash))
                nextAccount = (nextAccount + plan.firms.count) % count
                if result.payouts >= payouts { break }
            }
        }
        // So their numbers are known beforehand.
        result.openSeconds = try submitInOrder(opens, perRequest: 400)
        guard try Asker(port: node.port).orderCount() == UInt128(nextOrder - 1) else {
            throw LoadFailure("not all orders were opened")
        }
        let payments = tops.map { top -> [UInt8] in
            var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            writer.write(top.order)
            writer.write(top.price)
            defer { operatorNonce += 1 }
            return signer.sign(
                operatorKey, nonce: operatorNonce, to: Contracts.orders, data: writer.finish(),
                gas: 30_000_000)
        }
        result.settleSeconds = try submit(payments, perRequest: 8)
        result.payouts = try payoutCount(of: payments)
        return result
    }

    /// The receipt of a transaction that was carried out; a rate of what was refused would be of something else.
    private func receipt(of raw: [UInt8], _ socket: Connection) throws -> [UInt8] {
        let receipt = try socket.call(
            #"{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":["\#(Keccak256.hash(raw).hex)"]}"#
        )
        guard Submitter.count(of: Array(#""status":"0x1""#.utf8), in: receipt) == 1 else {
            throw LoadFailure(
                "a transaction failed: \(String(decoding: receipt.prefix(600), as: UTF8.self))")
        }
        return receipt
    }

    /// How many payouts the payments made, by their receipts.
    private func payoutCount(of payments: [[UInt8]]) throws -> Int {
        let socket = try Connection(port: node.port)
        let topic = Array("\"topics\":[\"\(IOrders.Event.paid.topic.hex)".utf8)
        return try payments.reduce(0) {
            $0 + Submitter.count(of: topic, in: try receipt(of: $1, socket))
        }
    }

    private mutating func open(
        _ order: SettlementPlan.Order, first: UInt64, account: (Int) -> Int
    ) -> [UInt8] {
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
                    order: first + UInt64($0.order), line: UInt16($0.line), units: $0.units)
            })
        let data = writer.finish()
        guard let firm = order.firm else {
            defer { operatorNonce += 1 }
            return signer.sign(
                operatorKey, nonce: operatorNonce, to: Contracts.orders, data: data,
                gas: 30_000_000)
        }
        let index = account(firm)
        defer { nonces[index] += 1 }
        return signer.sign(
            accounts.key(index), nonce: nonces[index], to: Contracts.orders, data: data,
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
            "eth_call", "[{\"to\":\"\(Contracts.orders)\",\"data\":\"0x\(padded)\"},\"latest\"]")
        return (result.data ?? []).reduce(0) { $0 << 8 | UInt128($1) }
    }
}
