import Gateway
import JSON
import Ledger
import Threads

/// Events on their way to one WebSocket client.
///
/// The stream reads from the blocks as fast as its client takes, so that a slow client is behind and costs no
/// memory; it is cut off only where blocks are forgotten that it was not sent.
final class EventStream: Sendable {
    /// Where the events go.
    let subscription: RPCSubscription
    /// Which events go there.
    let filter: LogFilter
    private let next: Locked<EventCursor>

    init(_ subscription: RPCSubscription, _ filter: LogFilter, from cursor: EventCursor) {
        self.subscription = subscription
        self.filter = filter
        next = Locked(cursor)
    }

    /// Sends one page if there is one and the client has room.
    /// - Returns: whether there is more to send.
    func sendPage(_ context: RPCContext) -> Bool {
        guard subscription.isOpen else { return false }
        guard !isFull(context) else { return true }
        let head = context.node.head.header.height
        let cursor = next.with { $0 }
        guard cursor.height <= head else { return false }
        let page: EventPage
        do throws(RPCError) {
            page = try EventPage(
                context, filter, from: cursor, head: head, limit: context.limits.streamEvents)
        } catch {
            // What the disk does not give now is tried again with the next block. What is not kept any more never
            // comes: a client that was so slow must not take what follows for the next.
            if cursor.height < context.node.oldestHeight { subscription.cutOff() }
            return false
        }
        next.with { $0 = page.next }
        if !page.logs.isEmpty {
            var writer = JSONWriter(capacity: 256 * page.logs.count)
            writer.array(of: page.logs) { $1.writeEvent(to: &$0) }
            subscription.send(writer)
        }
        return page.next.height <= head
    }

    /// Whether the client must read before it can be sent more.
    func isFull(_ context: RPCContext) -> Bool {
        subscription.waitingBytes >= context.limits.streamBytes
    }
}
