import Consensus
import Execution
import Gateway
import Ledger
import Peers
import Replica
import Threads

/// The banks' nodes in numbers; `docs/consortium.md` says which of them to watch.
extension Node {
    func registerGroup(in metrics: Metrics) {
        let first = driver.status.term
        metrics.gauge("dip_raft_term", "The present term.") { [driver] in
            Double(driver.status.term)
        }
        metrics.counters("dip_elections_total", "Terms that began since the start.") { [driver] in
            [([], Double(driver.status.term - first))]
        }
        metrics.gauge("dip_raft_leader", "The bank that leads, 0 if none is known.") { [self] in
            Double(groupStatus.leader ?? 0)
        }
        guard let consortium else { return }
        let network = consortium.group.network
        metrics.counters(
            "dip_peer_refusals_total", "Connections refused, ended or not made, by reason."
        ) {
            let counts = consortium.refusals.with { $0 }
            return RefusalReason.allCases.compactMap { reason in
                counts[reason].map { ([("reason", reason.name)], Double($0)) }
            }
        }
        metrics.gauges("dip_peer_connected", "1 if everything goes out to a bank's node.") {
            network.states().map { ([Self.label($0.id)], $0.isConnected ? 1 : 0) }
        }
        metrics.gauges(
            "dip_peer_lag_blocks", "Blocks that a bank's node is behind the highest one."
        ) { [self] in
            let group = groupStatus
            return group.members.compactMap { member in
                group.lag(of: member).map { ([Self.label(NodeID(member.bank.id))], Double($0)) }
            }
        }
        metrics.gauges(
            "dip_peer_certificate_expires_seconds",
            "When the certificate of a bank's node ends, seconds since 1970; the own one's, too."
        ) { [id] in
            let own = network.certificate.map { ([Self.label(id)], Double($0.notAfter)) }
            let others = network.states().compactMap { peer in
                peer.certificate.map { ([Self.label(peer.id)], Double($0.notAfter)) }
            }
            return (own.map { [$0] } ?? []) + others
        }
        metrics.gauges(
            "dip_peer_clock_offset_seconds", "How far a bank's clock is ahead of this node's."
        ) { [self] in
            groupStatus.members.compactMap { member in
                guard member.bank.id != id.rawValue, let told = member.told else { return nil }
                return ([Self.label(NodeID(member.bank.id))], Double(told.clockOffsetMillis) / 1000)
            }
        }
    }

    private static func label(_ bank: NodeID) -> (name: String, value: String) {
        ("bank", "\(bank)")
    }
}
