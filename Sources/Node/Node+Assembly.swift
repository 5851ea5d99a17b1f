import Consensus
import Execution
import Ledger
import Logging
import Peers
import Replica
import Signing
import Storage

// Parts of a node that take more than a line to put together.
extension Node {
    /// What signs this node's headers and gathers the others' votes.
    static func certification(
        _ configuration: NodeConfiguration, _ opened: OpenedData, outbox: GroupOutbox,
        archivist: Archivist, evidence: EvidenceKeeper, halting: Halting, logger: Logger
    ) -> Certification {
        let chainID = configuration.genesis.chainID
        return Certification(
            Certifier(
                chainID: chainID, account: configuration.key.address,
                key: configuration.key.local, id: opened.nodeID.rawValue,
                head: opened.uncertified.map { $0.heights.lowerBound - 1 } ?? 0,
                certified: opened.certifiedHeight),
            signing: configuration.key.remote.map {
                VoteSigning($0, chainID: chainID, logger: logger)
            },
            edges: Certification.Edges(
                send: { vote in outbox.group?.broadcast(.vote(vote)) },
                store: { archivist.archive($0) },
                keep: { evidence.keep($0, against: $1) },
                halt: { [folder = opened.folder] why in
                    // First, since it may be the disk that fails, and to write to it may take for ever.
                    halting.halt(diverged: why)
                    do throws(StoreFault) {
                        try folder.keep(divergence: why)
                    } catch {
                        logger.error(
                            "after another start the node will not know at once that it serves no more",
                            metadata: ["fault": "\(error)"])
                    }
                }), logger: logger)
    }

    /// Says where the machine's clock is behind the ledger: times of blocks never go back, so they stand still.
    func compareClock() {
        let (last, now) = (head.header.timeMillis, clock.nowMillis)
        guard last > now + NodeClock.toleranceMillis else { return }
        logger.warning(
            "this machine's clock is behind the last block; new blocks have that block's time and nothing falls due until the clock has come as far: set it right",
            metadata: ["behind": "\((last - now) / 1000) s", "height": "\(head.header.height)"])
    }

    /// What orders: the log, opened, that does not take part yet.
    ///
    /// - Throws: ``NodeFault``; also for the node of a bank that was removed and on whose vote nobody counts.
    static func driver(
        _ configuration: NodeConfiguration, _ opened: OpenedData, chain: Chain, clock: NodeClock,
        table: PeerTable, outbox: GroupOutbox
    ) throws(NodeFault) -> Driver {
        let id = opened.nodeID
        var options = Driver.Options(owner: LogOwner(chain: configuration.genesis.hash, node: id))
        options.founders = opened.founders
        options.applied = opened.state.logIndex ?? 0
        options.trailingEntries = configuration.trailingEntries
        options.admission = Admission(
            entry: { body, isSaidCommitted in
                clock.accepts(body)
                    // Who follows with a slow clock must believe what a majority has executed.
                    || isSaidCommitted
                        && table.hasMajority(executed: body, of: chain.withMachine { $0.bankSet })
            }, snapshot: { StateMarker($0) != nil })
        let driver: Driver
        do {
            driver = try Driver(folder: opened.folder.logPath, options: options, outbox: outbox)
        } catch {
            throw NodeFault(error)
        }
        // As long as the others count on its vote they need it, if only to let it go.
        guard
            !opened.machine.bankSet.hasRemoved(id.rawValue)
                || driver.status.membership?.voters.contains(id) == true
        else {
            throw .configuration(
                "bank \(id) was removed from the consortium; its data can be read, but not gone on with"
            )
        }
        return driver
    }
}
