/// Whose a call is, where callers take turns: a connection's, of the client whose the present request is.
public struct RPCCaller: TurnTaker, Sendable {
    package let client: ClientAddress
    /// Tells connections apart, as long as they last.
    private let connection: UInt

    package init(_ client: ClientAddress, connection: UInt = 0) {
        self.client = client
        self.connection = connection
    }

    /// This process itself.
    public static let here = RPCCaller(.here)
}
