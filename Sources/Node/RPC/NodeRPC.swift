import Execution
import Gateway
import JSON
import Ledger

/// All methods that a node answers; `docs/rpc.md`.
///
/// - Parameters:
///   - node: the node; it tells the methods of new blocks for as long as they exist.
///   - limits: what a request may cost.
/// - Returns: the methods, for a server on the RPC port.
public func rpcMethods(for node: Node, limits: RPCLimits = RPCLimits()) -> RPCMethods {
    let context = RPCContext(node, limits)
    node.observe { [weak context] block in
        guard let context else { return }
        context.feeds.published(block, context)
    }
    var methods = RPCMethods()
    methods.addChain(context)
    methods.addBlocks(context)
    methods.addTransactions(context)
    methods.addSynchronousSending(context)
    methods.addState(context)
    methods.addLogs(context)
    methods.addSubscriptions(context)
    methods.addOrders(context)
    methods.addTemplates(context)
    methods.addMoney(context)
    methods.addBanks(context)
    methods.addSimulation(context)
    methods.addReceipts(context)
    methods.addProofs(context)
    methods.addEvents(context)
    methods.addLedger(context)
    methods.addEconomy(context)
    methods.addDiscovery()
    return methods
}

/// What strangers may ask: nothing of a ledger that the banks certified otherwise.
///
/// - Returns: the methods, for a server on the RPC port.
public func publicMethods(for node: Node, of methods: RPCMethods) -> RPCMethods {
    methods.closed(except: ["dip_consortium", "eth_chainId", "net_version", "rpc.discover"]) {
        guard node.hasDiverged else { return nil }
        return RPCError(
            code: -32000,
            message: "this node serves no more: \(node.status.closedBecause ?? "it has diverged")")
    }
}

/// What administers a node: for a server on its socket file only, besides ``rpcMethods(for:limits:)``.
public func adminMethods(for node: Node, adding methods: RPCMethods) -> RPCMethods {
    var methods = methods
    methods.addAdministration(of: node)
    methods.addBackups(of: node)
    return methods
}

/// The pages beside JSON-RPC: `/health`, `/ready` and `/metrics`.
///
/// - Parameters:
///   - node: the node.
///   - metrics: what `/metrics` shows; the node's own numbers are added.
/// - Returns: the pages, for a server on the RPC port.
public func nodeRoutes(for node: Node, metrics: Metrics) -> HTTPRoutes {
    node.register(in: metrics)
    var routes = HTTPRoutes()
    routes.get("/health") { _ in .json(["status": "alive"]) }
    routes.get("/ready") { _ in
        guard let why = node.notReadyBecause else {
            return .json([
                "status": "ready", "height": .integer(node.head.header.height),
                "leader": .bool(node.status.isLeader),
            ])
        }
        return .json(["status": "not ready", "why": .string(why)], status: 503)
    }
    routes.get("/metrics", scope: .read) { _ in .metrics(metrics) }
    return routes
}

extension Node {
    /// Adds the node's numbers to a page of metrics.
    fileprivate func register(in metrics: Metrics) {
        metrics.gauge("dip_block_height", "Height of the last executed block.") { [self] in
            Double(head.header.height)
        }
        metrics.gauge("dip_block_time_seconds", "Time of the last block, seconds since 1970.") {
            [self] in Double(head.header.timeMillis) / 1000
        }
        metrics.gauge("dip_certified_height", "Height of the last certified block.") { [self] in
            Double(certifiedHeight)
        }
        metrics.gauge(
            "dip_uncertified_blocks", "Blocks from the first without certificate to the last."
        ) { [self] in Double(certification.missing?.count ?? 0) }
        metrics.gauge("dip_pool_transactions", "Transactions waiting or being ordered.") {
            [self] in Double(status.poolCount)
        }
        metrics.gauge("dip_state_cells", "Cells of state in memory.") { [self] in
            Double(status.cellCount)
        }
        metrics.gauge("dip_store_lag_blocks", "Executed blocks whose state is not stored yet.") {
            [self] in Double(blocksNotStored)
        }
        metrics.gauge("dip_is_serving", "1 if transactions are taken.") { [self] in
            status.closedBecause == nil ? 1 : 0
        }
        metrics.gauge("dip_is_leader", "1 if this node orders.") { [self] in
            status.isLeader ? 1 : 0
        }
        metrics.gauge("dip_validators", "Banks in the consortium.") { [self] in
            Double(bankSet.banks.count)
        }
        metrics.gauge(
            "dip_void_bodies", "Ordered since the start, and passed over as not to be executed."
        ) { [self] in Double(voidBodies) }
        registerGroup(in: metrics)
        let blocks = metrics.counter("dip_blocks_total", "Blocks executed since the start.")
        let transactions = metrics.counter(
            "dip_transactions_total", "Transactions executed since the start.")
        let gas = metrics.counter("dip_gas_total", "Gas used since the start.")
        let sizes = metrics.sizes("dip_block_transactions", "Transactions in a block.")
        observe { block in
            blocks.add()
            transactions.add(block.transactions.count)
            gas.add(Int(clamping: block.header.gasUsed))
            sizes.observe(UInt64(block.transactions.count))
        }
    }
}
