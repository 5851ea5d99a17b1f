import Ledger
import Settlement

/// A case as it stands in a file.
struct CaseFile: Decodable {
    var name: String
    var why: String?
    var mint: [String: String]
    var steps: [StepFile]
    var final: Final
    var limits: VectorLimits?

    struct Final: Decodable {
        var balances: [String: String]
        var orders: [Order]
    }

    struct Order: Decodable {
        var id: UInt64
        var status: String
        var buyer: String
        var funded: String
        var refunded: String
        var gates: [String]
        var lines: [Line]
    }

    struct Line: Decodable {
        var amount: String
        var voided: String
        var paid: String
        /// Pairs of holder and units.
        var claims: [[String]]
    }

    var value: VectorCase {
        get throws {
            VectorCase(
                name: name, why: why ?? "", mint: try Self.amounts(mint),
                steps: try steps.enumerated().map { index, step in
                    do {
                        return try step.value
                    } catch {
                        throw VectorFileFault(description: "\(name), step \(index): \(error)")
                    }
                },
                balances: try Self.amounts(final.balances),
                orders: try final.orders.map(Self.order),
                limits: limits ?? VectorLimits())
        }
    }

    private static func amounts(
        _ listed: [String: String]
    ) throws(VectorFileFault) -> [(account: String, amount: UInt128)] {
        var amounts: [(account: String, amount: UInt128)] = []
        for (account, amount) in listed.sorted(by: { $0.key < $1.key }) {
            amounts.append((account, try amount.amount))
        }
        return amounts
    }

    private static func order(_ order: Order) throws -> VectorOrder {
        VectorOrder(
            id: order.id, status: order.status, buyer: order.buyer,
            funded: try order.funded.amount, refunded: try order.refunded.amount,
            gates: order.gates,
            lines: try order.lines.map { line in
                VectorOrder.Line(
                    amount: try line.amount.amount, voided: try line.voided.amount,
                    paid: try line.paid.amount,
                    claims: try line.claims.map { claim in
                        guard claim.count == 2 else {
                            throw VectorFileFault(description: "a claim is a holder and units")
                        }
                        return VectorOrder.Entry(holder: claim[0], units: try claim[1].amount)
                    })
            })
    }
}
