import Consensus
import Execution
import Ledger
import Logging
import Peers
import Replica
import Storage
import Threads

// What a node has only among others.
extension Node {
    /// Puts together what meets the peers; nil for a node that was not told where.
    static func consortium(
        _ configuration: NodeConfiguration, id: NodeID, outbox: GroupOutbox, table: PeerTable,
        driver: Driver,
        executor: Executor, intake: Intake, chain: Chain, pool: Locked<PoolState>,
        certification: Certification, checkpoints: Checkpoints, history: HistoryStore,
        timer: WaitTimer, clock: NodeClock, halting: Halting,
        restart: @escaping @Sendable () -> Void,
        logger: Logger
    ) throws(NodeFault) -> Consortium? {
        guard let peering = configuration.peering else { return nil }
        let refusals = Locked([RefusalReason: UInt64]())
        let network = PeerNetwork(
            configuration: PeerConfiguration(
                id: id, nodeKey: configuration.key, chainID: chain.genesis.chainID,
                genesis: chain.genesis.hash, host: peering.host, port: peering.port,
                files: peering.files), logger: logger
        ) { refusal in refusals.with { $0[refusal.reason, default: 0] += 1 } }
        let server = BlockServer(chain: chain, history: history, checkpoints: checkpoints)
        let reached = Locked([@Sendable (NodeID) -> Void]())
        let group = Group(
            id: id, network: network, table: table, introductions: peering.introductions,
            founders: chain.genesis.bankSet, timer: timer, clock: clock,
            edges: Group.Edges(
                order: { driver.receive($0, from: $1, epoch: $2) },
                take: { intake.forwarded($0, by: $1) },
                vote: { certification.received($0, from: $1.rawValue) },
                serve: { server.serve($0, of: $1, $2) },
                reached: { peer in for body in reached.with({ $0 }) { body(peer) } }))
        outbox.connect(group)
        let forwarding = Forwarding(pool: pool, group: group)
        let fetch = BlockFetch(chainID: chain.genesis.chainID, group: group, logger: logger)
        reached.with { $0 = [{ forwarding.reached($0) }, { fetch.reached($0) }] }
        executor.mayForward = { forwarding.pump() }
        executor.slowestPeer = {
            table.lowestHeight(
                of: group.peers, since: clock.nowMillis &- PeerTable.latelyMillis)
        }
        let checkpointFetch = CheckpointFetch(
            genesis: chain.genesis,
            edges: CheckpointFetch.Edges(
                peers: { group.peers },
                ask: { group.requests.ask($0, of: $1, timeoutMillis: $2, $3) },
                knownChanges: {
                    chain.withMachine { $0.governance.bankChanges }.map { height in
                        // What cannot be read here a peer may have.
                        let own = try? history.keptOrStored(at: height)
                        return KnownChange(
                            height: height, block: own?.bytes, certificate: own?.certificate)
                    }
                }), folder: checkpoints.folder, logger: logger)
        executor.fetch = { executor, target, header in
            switch fetch.run(to: target, header: header, by: executor) {
            case .done: return true
            case .ended: return false
            case .needsCheckpoint:
                let standing = executor.standing
                if checkpointFetch.run(above: standing.tip.height, signedBy: standing.set) {
                    restart()
                }
                return false
            }
        }
        let conductor = Conductor(
            group: group, chain: chain, pool: pool, certification: certification,
            forwarding: forwarding, driver: driver, clock: clock, history: history,
            halting: halting, logger: logger)
        return Consortium(
            group: group, forwarding: forwarding, conductor: conductor, fetch: fetch,
            checkpointFetch: checkpointFetch, server: server, refusals: refusals)
    }

    /// Hands leadership to another node, so that stopping this one interrupts nobody.
    func handOver() async {
        guard let consortium, consortium.group.peers.count > 0 else { return }
        for _ in 0..<20 {
            guard case .leading = driver.status.leadership else { return }
            driver.transferLeadership()
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Hands leadership to a bank, or to the one that is furthest along.
    ///
    /// - Returns: what became of it; that it is under way is no promise that it succeeds.
    public func transferLeadership(to bank: UInt64?) -> Driver.Transfer {
        let outcome = driver.transferLeadership(to: bank.map { NodeID($0) })
        if case .begun(let target) = outcome {
            logger.notice("hands leadership over, as asked", metadata: ["to": "\(target)"])
        }
        return outcome
    }
}
