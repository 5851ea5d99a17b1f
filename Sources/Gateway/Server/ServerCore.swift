import Logging
import NIOCore
import Synchronization

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
    private let connections: Connections

    /// The open connections, to bound their number and to end them.
    private final class Connections: Sendable {
        let state = Mutex(State())

        /// Ends the heaviest connection of the client for which most is kept.
        func endHeaviest() -> Bool {
            let heaviest = state.withLock { state in
                state.open.values.max { $0.kept.weight < $1.kept.weight }
            }
            guard let heaviest, heaviest.kept.dismiss() else { return false }
            heaviest.abort()
            return true
        }
    }

    private struct State {
        var open: [ObjectIdentifier: any ServerConnection] = [:]
        var isDraining = false
        var whenEmpty: EventLoopPromise<Void>?
    }

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
        let connections = Connections()
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

    /// Enters a connection; false if there are too many or the server is stopping.
    func admit(_ connection: any ServerConnection) -> Bool {
        let admitted = connections.state.withLock { connections in
            guard !connections.isDraining, connections.open.count < limits.connections else {
                return false
            }
            connections.open[ObjectIdentifier(connection)] = connection
            return true
        }
        counters.accepted.add()
        if admitted { counters.connections.add(1) }
        return admitted
    }

    /// Removes an admitted connection, and drops its calls that wait for their turn; after its outlet has ended.
    func leave(_ connection: any ServerConnection) {
        engine.forget(connection.caller)
        let (wasOpen, promise) = connections.state.withLock { connections in
            let wasOpen = connections.open.removeValue(forKey: ObjectIdentifier(connection)) != nil
            return (wasOpen, connections.open.isEmpty ? connections.whenEmpty : nil)
        }
        if wasOpen { counters.connections.add(-1) }
        promise?.succeed()
    }

    /// Asks every connection to end after what it is doing; `empty` succeeds when all have.
    func drain(_ empty: EventLoopPromise<Void>) {
        let open = connections.state.withLock { connections in
            connections.isDraining = true
            connections.whenEmpty = empty
            return Array(connections.open.values)
        }
        if open.isEmpty { empty.succeed() }
        for connection in open { connection.drain() }
    }

    /// Ends every connection at once.
    func closeAll() {
        let open = connections.state.withLock { Array($0.open.values) }
        for connection in open { connection.abort() }
    }
}

/// A connection as the server sees it, from any thread.
protocol ServerConnection: AnyObject, Sendable {
    /// What is kept for it.
    var kept: KeptBytes.Part { get }
    /// Whose turns its requests under way take.
    var caller: RPCCaller { get }
    /// Ends when what was asked is answered.
    func drain()
    /// Ends at once.
    func abort()
}
