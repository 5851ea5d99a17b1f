/// The connection that a call came on.
public final class RPCSession: Sendable {
    /// What the caller may do.
    public let scopes: RPCScope
    let outlet: any RPCOutlet
    /// Whose turn the present request takes.
    public var caller: RPCCaller { outlet.caller }
    /// The subscriptions; nil unless the connection is a WebSocket.
    let feed: SubscriptionFeed?

    /// Whether the connection is gone, so that nobody would read an answer.
    public var isOver: Bool { outlet.isOver }

    /// What of its transactions may still be refused, of the client whose the present request is; nil without a
    /// bound.
    public var refusals: RefusalBudget? { outlet.refusals }

    package init(
        scopes: RPCScope, outlet: any RPCOutlet, feed: SubscriptionFeed? = nil
    ) {
        self.scopes = scopes
        self.outlet = outlet
        self.feed = feed
    }
}
