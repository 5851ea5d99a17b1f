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
                let subscriber = try context.feeds.open(request)
                context.feeds.add(heads: subscriber)
                return .string(subscriber.subscription.id)
            case "logs":
                let parameter = try LogParameter(
                    params.find(1, "filter") ?? .object([]), "filter")
                let subscriber = try context.feeds.open(request)
                try context.feeds.add(logs: subscriber, parameter.filter)
                return .string(subscriber.subscription.id)
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
