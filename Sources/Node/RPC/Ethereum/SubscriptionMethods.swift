import Gateway
import JSON
import Ledger

/// What WebSocket clients are told as it happens.
extension RPCMethods {
    mutating func addSubscriptions(_ context: RPCContext) {
        value("eth_subscribe") { (request) throws(RPCError) in
            let params = try request.params()
            switch try params.string(0, "kind") {
            case "newHeads":
                let subscription = try request.subscribe()
                context.feeds.add(heads: subscription)
                return .string(subscription.id)
            case "logs":
                let parameter = try LogParameter(
                    params.find(1, "filter") ?? .object([]), "filter")
                let subscription = try request.subscribe()
                try context.feeds.add(logs: subscription, parameter.filter)
                return .string(subscription.id)
            case "newPendingTransactions":
                throw .invalidParams(
                    "transactions do not stay in the pool long enough to be watched: subscribe "
                        + "to newHeads")
            case let kind:
                throw .invalidParams(
                    "there is no subscription \(kind), only newHeads and logs; dip_subscribe has "
                        + "events")
            }
        }
        value("eth_unsubscribe") { (request) throws(RPCError) in
            .bool(request.unsubscribe(try request.params().string(0, "id")))
        }
    }
}
