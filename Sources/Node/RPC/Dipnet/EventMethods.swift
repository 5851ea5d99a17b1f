import Gateway
import JSON
import Ledger

/// The resumable stream of events.
extension RPCMethods {
    mutating func addEvents(_ context: RPCContext) {
        offloaded("dip_events", isLong: true) { (request, writer) throws(RPCError) in
            let params = try request.params()
            let head = context.node.head.header.height
            let cursor = try params.cursor(0, head: head)
            let filter = try params.find(1, "filter").map { json throws(RPCError) in
                try EventParameter(json, "filter")
            }
            let limit = try params.limit(2, absent: 1_000, most: 10_000)
            let page = try EventPage(
                context, (filter ?? EventParameter()).filter, from: cursor, head: head,
                limit: limit)
            writer.object { writer in
                writer.key("events")
                writer.array(of: page.logs) { $1.writeEvent(to: &$0) }
                writer.member("cursor", string: page.next.text)
                writer.member("head", number: head)
            }
        }
        value("dip_subscribe") { (request) throws(RPCError) in
            let params = try request.params()
            let kind = try params.string(0, "kind")
            guard kind == "events" else {
                throw .invalidParams("there is no subscription \(kind), only events")
            }
            let options = params.find(1, "options") ?? .object([])
            let cursor = try options["cursor"].map { json throws(RPCError) in
                try EventCursor(json: json)
            }
            let filter = try options["filter"].map { json throws(RPCError) in
                try EventParameter(json, "filter")
            }
            try cursor?.checkKept(context.node)
            let subscriber = try context.feeds.open(request, notification: "dip_subscription")
            try context.feeds.add(
                events: subscriber, (filter ?? EventParameter()).filter,
                from: cursor ?? EventCursor(context.node.head.header.height + 1, 0), context)
            return .string(subscriber.subscription.id)
        }
        value("dip_unsubscribe") { (request) throws(RPCError) in
            .bool(request.unsubscribe(try request.params().string(0, "id")))
        }
    }
}

extension EventCursor {
    /// Reads a cursor that a client gives.
    init(json: JSON) throws(RPCError) {
        guard let cursor = json.string.flatMap({ EventCursor($0) }) else {
            throw .invalidParams("cursor: expected \"height:index\", such as \"0:0\"")
        }
        self = cursor
    }

    /// Refuses a place of which the block was forgotten: to go on behind it would leave out events.
    ///
    /// - Throws: -32000 with the place from which on this node has all.
    func checkKept(_ node: Node) throws(RPCError) {
        let oldest = node.oldestHeight
        guard height < oldest else { return }
        let first = EventCursor(oldest, 0).text
        throw RPCError(
            code: -32000,
            message: "cursor: the events of block \(height) are not kept here any more. Go on with "
                + "\"\(first)\", from which on all are kept, if you can do without those before it; "
                + "else ask a node that keeps older blocks",
            data: ["oldest": .string(first)])
    }
}

extension RPCParams {
    /// Where to go on; behind the last block if it is not said.
    fileprivate func cursor(_ index: Int, head: UInt64) throws(RPCError) -> EventCursor {
        guard let json = find(index, "cursor") else { return EventCursor(head + 1, 0) }
        let cursor = try EventCursor(json: json)
        guard cursor.height <= head + 1 else {
            throw .invalidParams(
                "cursor: block \(cursor.height) is not there yet, the last one is \(head)")
        }
        return cursor
    }
}
