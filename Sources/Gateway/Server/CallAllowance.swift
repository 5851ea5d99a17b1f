import NIOCore

/// What one connection may still ask for: its own rate and that of the token it shows.
///
/// Behind a proxy it is the client's rate, whatever connections the proxy takes for its requests.
struct CallAllowance {
    private let core: ServerCore
    private var bucket: TokenBucket?

    init(_ core: ServerCore, now: NIODeadline) {
        self.core = core
        bucket = core.limits.connectionRate.map { TokenBucket($0, now: now) }
    }

    /// From now on the calls are those of a client behind a proxy.
    mutating func move(to client: ClientTable.Client) { bucket = client.calls }

    /// Counts `calls` of `caller`: why they are too many, or nil.
    func refusal(_ calls: Int, _ caller: Gatekeeper.Caller, now: NIODeadline) -> RPCError? {
        core.counters.batch.observe(UInt64(calls))
        if let bucket, !bucket.take(calls, now: now) { return Self.tooMany }
        guard let token = caller.token, token < core.tokenBuckets.count,
            !core.tokenBuckets[token].take(calls, now: now)
        else { return nil }
        return Self.tooMany
    }

    private static let tooMany = RPCError.limitExceeded(
        "more calls than this node takes from you; slow down")
}
