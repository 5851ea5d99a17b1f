/// The connection that a call came on.
public final class RPCSession: Sendable {
    /// How a connection speaks.
    public enum Transport: String, Sendable {
        /// Requests and answers over HTTP/1.1.
        case http
        /// WebSocket messages; subscriptions are possible.
        case webSocket
    }

    /// How the connection speaks.
    public let transport: Transport
    /// What the caller may do.
    public let scopes: RPCScope
    /// The name of the token that the caller showed; nil without one.
    public let tokenName: String?
    let outlet: any RPCOutlet

    init(
        transport: Transport, scopes: RPCScope, tokenName: String? = nil, outlet: any RPCOutlet
    ) {
        self.transport = transport
        self.scopes = scopes
        self.tokenName = tokenName
        self.outlet = outlet
    }
}
