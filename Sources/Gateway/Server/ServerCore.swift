import Logging
import NIOCore

/// What all connections of one server share.
package final class ServerCore: Sendable {
    let limits: ServerLimits
    let gatekeeper: Gatekeeper
    let forwarding: Forwarding
    let engine: RPCEngine
    let routes: HTTPRoutes
    let workers: RPCEngine.Workers
    let logger: Logger
    let counters: Counters
    /// One bucket a token, in the order of the configuration; empty without a limit.
    let tokenBuckets: [TokenBucket]
    /// What is kept for all connections.
    let kept: KeptBytes
    /// Subscriptions of all connections.
    let subscriptions: SubscriptionCount
    private let connections: OpenConnections

    struct Counters: Sendable {
        let connections: Gauge
        let accepted: Counter
        let received: Counter
        let sent: Counter
        let batch: Histogram
        let webSockets: Gauge
        let slowSubscribers: Counter
        let greedy: Counter
        private let refusals: [Int: Counter]
        private let otherRefusals: Counter

        init(_ metrics: Metrics) {
            connections = metrics.gauge("dip_connections", "Open connections.")
            accepted = metrics.counter("dip_connections_total", "Connections accepted.")
            received = metrics.counter("dip_received_body_bytes_total", "Bytes of bodies received.")
            sent = metrics.counter("dip_sent_body_bytes_total", "Bytes of bodies sent.")
            webSockets = metrics.gauge("dip_websockets", "Open WebSocket connections.")
            slowSubscribers = metrics.counter(
                "dip_slow_subscribers_total", "WebSocket connections cut off for reading slowly.")
            greedy = metrics.counter(
                "dip_greedy_connections_total",
                "Connections ended because most of too much memory was kept for them.")
            batch = metrics.sizes("dip_rpc_batch_calls", "Calls in one body.")
            func refusal(_ status: String) -> Counter {
                metrics.counter(
                    "dip_http_refusals_total", "Requests turned away, by HTTP status.",
                    labels: [("status", status)])
            }
            let known = [400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 503]
            refusals = Dictionary(uniqueKeysWithValues: known.map { ($0, refusal(String($0))) })
            otherRefusals = refusal("other")
        }

        func refused(_ status: Int) { (refusals[status] ?? otherRefusals).add() }
    }

    package init(
        _ configuration: ServerConfiguration, methods: RPCMethods, routes: HTTPRoutes,
        metrics: Metrics, logger: Logger
    ) {
        limits = configuration.limits
        subscriptions = SubscriptionCount(limit: limits.subscriptionsTotal)
        gatekeeper = Gatekeeper(configuration)
        forwarding = Forwarding(proxies: configuration.proxies)
        workers = RPCEngine.Workers(
            count: configuration.workerThreads, queue: configuration.limits.offloaded)
        engine = RPCEngine(methods: methods, limits: limits, metrics: metrics, workers: workers)
        self.routes = routes
        self.logger = logger
        let counters = Counters(metrics)
        self.counters = counters
        let connections = OpenConnections(limit: limits.connections)
        self.connections = connections
        let refusals = limits.refusals.map { RefusalBook($0, metrics: metrics, logger: logger) }
        let clients = ClientTable(rate: limits.connectionRate, refusals: refusals)
        kept = KeptBytes(limit: limits.keptBytes, clients: clients) {
            if connections.endHeaviest() { counters.greedy.add() }
        }
        let now = NIODeadline.now()
        tokenBuckets =
            configuration.limits.tokenRate.map { rate in
                configuration.tokens.map { _ in TokenBucket(rate, now: now) }
            } ?? []
    }

    /// Takes a connection in, or not.
    func admit(_ connection: any ServerConnection, isProxied: Bool) -> OpenConnections.Entrance {
        counters.accepted.add()
        let entrance = connections.enter(connection, isProxied: isProxied)
        if case .admitted = entrance { counters.connections.add(1) }
        return entrance
    }

    /// Removes an admitted connection, and drops its calls that wait for their turn; after its outlet has ended.
    func leave(_ connection: any ServerConnection) {
        engine.forget(connection.caller)
        if connections.leave(connection) { counters.connections.add(-1) }
    }

    /// A connection that was refused is over.
    func leaveRefused() { connections.leaveRefused() }

    /// Asks every connection to end after what it is doing; `empty` succeeds when all have.
    func drain(_ empty: EventLoopPromise<Void>) {
        for connection in connections.drain(empty) { connection.drain() }
    }

    /// Ends every connection at once.
    func closeAll() {
        for connection in connections.all { connection.abort() }
    }
}
