import Execution
import Gateway
import JSON
import Ledger
import Settlement
import Tokens

/// Orders, the chain below one, and what an account has in them.
extension RPCMethods {
    mutating func addOrders(_ context: RPCContext) {
        offloaded("dip_order") { (request, writer) throws(RPCError) in
            let id = try request.params().quantity64(0, "id")
            guard let order = context.reading({ OrderObject(id, $0) }) else {
                return writer.null()
            }
            order.write(to: &writer)
        }
        offloaded("dip_tree", isLong: true) { (request, writer) throws(RPCError) in
            let params = try request.params()
            let id = try params.quantity64(0, "id")
            let limit = try params.limit(1, absent: 1_000, most: 10_000)
            let found = context.reading { machine in
                var tree = OrderTree(machine, limit: limit)
                return tree.write(id, to: &writer)
            }
            if !found { writer.null() }
        }
        offloaded("dip_ordersOf") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let account = try params.address(0, "account")
            let start = try params.start(1)
            let limit = try params.limit(2, absent: 100, most: 1_000)
            let found = context.reading { machine in
                machine.orders.orders(of: account, from: start, limit: limit + 1)
                    .prefix(limit + 1).map { OrderObject($0, machine) }
            }
            writer.object { writer in
                writer.key("orders")
                writer.array(of: found.prefix(limit)) { writer, order in
                    writer.object { order?.writeSummary(to: &$0) }
                }
                if found.count > limit {
                    writer.member("next", number: start + UInt64(limit))
                }
            }
        }
        offloaded("dip_claimsOf") { (request, writer) throws(RPCError) in
            try context.writeClaims(try request.params(), to: &writer)
        }
    }
}

extension RPCContext {
    fileprivate func writeClaims(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let account = try params.address(0, "account")
        let start = try params.start(1)
        let limit = try params.limit(2, absent: 100, most: 1_000)
        let found = reading { machine in
            // Only where charging it can be refused.
            let claims = (try? machine.orders.claims(of: account, from: start, limit: limit + 1))
            return (claims ?? []).map { (claim: $0, order: OrderObject($0.order, machine)) }
        }
        writer.object { writer in
            writer.key("claims")
            writer.array(of: found.prefix(limit)) { writer, entry in
                guard let order = entry.order else { return }
                writer.object { writer in
                    writer.member("order", number: entry.claim.order)
                    writer.member("line", number: entry.claim.line)
                    writer.member("units", amount: entry.claim.units)
                    writer.member("token", address: order.token.address)
                    writer.member("symbol", string: order.token.symbol)
                    writer.member("decimals", number: order.token.decimals)
                    writer.member("buyer", address: order.view.summary.buyer)
                    if order.view.summary.dueAt != 0 {
                        writer.member("dueAt", number: order.view.summary.dueAt)
                    }
                    let gate = order.view.lines[Int(entry.claim.line)].summary.gate
                    if gate != 0 { writer.member("gate", number: gate - 1) }
                }
            }
            if found.count > limit { writer.member("next", number: start + UInt64(limit)) }
        }
    }
}
