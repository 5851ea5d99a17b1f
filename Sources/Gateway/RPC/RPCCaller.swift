import Threads

/// One connection of one client: the unit in which callers take turns.
///
/// All calls of a connection that are under way are one client's, also behind a proxy, where a request of another
/// client waits for them (``HTTPConnection/isOfAnother(_:)``).
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
