/// What one caller may cost the server.
public struct ServerLimits: Sendable {
    /// Bytes of one HTTP body.
    public var bodyBytes = 16 << 20
    /// Bytes of one WebSocket message.
    public var messageBytes = 4 << 20
    /// Calls in one batch.
    public var batchCalls = 1_000
    /// Nanoseconds for which the connection's thread, which other connections share, answers calls of one body; the
    /// rest of them goes to the workers.
    public var sliceNanoseconds: Int64 = 2_000_000
    /// Bytes of answers in one batch after which its further calls are refused.
    public var responseBytes = 64 << 20
    /// Bytes of all headers of a request.
    public var headerBytes = 16 << 10
    /// Number of headers of a request.
    public var headerCount = 64
    /// Connections at one time; a process may be allowed fewer (``OpenFiles``).
    public var connections = 16_384
    /// Requests of one connection that are being answered at one time; more wait unread.
    public var pipelined = 128
    /// Bytes kept for all callers: bodies that are being received or worked on, answers and
    /// notifications that the system has not taken.
    ///
    /// Beyond, the heaviest connection of the client with most is ended. As much again may be kept for
    /// connections that end, and buffers that grow have up to twice the room.
    public var keptBytes = 256 << 20
    /// Milliseconds for the first request's head, the TLS handshake included.
    public var headMilliseconds: Int64 = 10_000
    /// Milliseconds for the whole of a body.
    public var bodyMilliseconds: Int64 = 30_000
    /// Milliseconds until the next request on an idle connection.
    public var idleMilliseconds: Int64 = 75_000
    /// Milliseconds for which what the client still sends is let pass once the last answer was taken; and for its
    /// agreement where a WebSocket is closed.
    public var lingerMilliseconds: Int64 = 2_000
    /// Bytes waiting to be read by a WebSocket client; one that is slower is cut off.
    public var webSocketQueueBytes = 8 << 20
    /// Subscriptions of one WebSocket connection.
    public var subscriptions = 64
    /// Subscriptions of all connections, beyond the first few of each.
    public var subscriptionsTotal = 16_384
    /// Milliseconds between the server's pings; a client that answers none of two is cut off.
    public var pingMilliseconds: Int64 = 30_000
    /// Jobs of one connection waiting for a worker thread; 16 times as many of all, beyond the first few of each.
    public var offloaded = 1_024
    /// Calls of one connection.
    public var connectionRate: RateLimit?
    /// Calls of one token, over all its connections.
    public var tokenRate: RateLimit?
    /// Transactions of one client that are refused after costly work; beyond, none of its is looked at for a while.
    ///
    /// `burst` is above what any honest client sends again at once, `callsPerSecond` is what a flood may go on costing.
    public var refusals: RateLimit? = RateLimit(callsPerSecond: 1_000, burst: 20_000)

    /// The limits for a node with a few hundred clients.
    public init() {}
}

/// How many calls are taken over time: a bucket of tokens that fills steadily.
public struct RateLimit: Sendable, Equatable {
    /// Calls a second in the long run.
    public var callsPerSecond: Int
    /// Calls at once after a pause.
    ///
    /// A batch that is larger never passes.
    public var burst: Int

    /// Makes a limit; both numbers at least 1.
    public init(callsPerSecond: Int, burst: Int) {
        self.callsPerSecond = max(1, callsPerSecond)
        self.burst = max(1, burst)
    }
}
