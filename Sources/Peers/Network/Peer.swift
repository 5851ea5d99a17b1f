import Consensus
import NIOCore
import Synchronization

/// Another bank's node as the network holds it: the ways to it and what comes from it.
final class Peer: Sendable {
    let address: PeerAddress
    let links: PerLane<Link>
    let inbound: PerLane<Inbound>
    let notes: PeerNotes
    let presence: Presence

    /// Takes over what came from a peer that only moved to another endpoint.
    init(_ address: PeerAddress, movedFrom old: Peer?, core: NetworkCore) {
        self.address = address
        let notes = old?.notes ?? PeerNotes()
        self.notes = notes
        presence = old?.presence ?? Presence()
        inbound = old?.inbound ?? PerLane { Inbound(address.id, $0) }
        links = PerLane { Link(address, $0, notes: notes, core: core) }
    }

    func start() { for link in links.all { link.start() } }

    /// Ends the ways to it.
    func stopLinks(_ refusal: Refusal) { for link in links.all { link.stop(refusal) } }

    /// Ends what comes from it.
    func endInbound(_ refusal: Refusal) { for inbound in inbound.all { inbound.end(refusal) } }

    var state: PeerState {
        let noted = notes.noted
        return PeerState(
            id: address.id, endpoint: address.endpoint, certificate: noted.certificate,
            dialedRefusal: noted.dialed, acceptedRefusal: noted.accepted, lanes: PerLane(laneState))
    }

    private func laneState(_ lane: Lane) -> LaneState {
        let (link, inbound) = (links[lane], inbound[lane])
        let since = link.counts.sinceMillis.load(ordering: .relaxed)
        let roundTrip = link.counts.roundTripMicros.load(ordering: .relaxed)
        return LaneState(
            sendingSince: since == 0 ? nil : since, receivingSince: inbound.sinceMillis,
            queuedBytes: link.queue.byteCount,
            roundTripMicros: since == 0 || roundTrip == 0 ? nil : roundTrip,
            sentFrames: link.counts.frames.load(ordering: .relaxed),
            sentBytes: link.counts.bytes.load(ordering: .relaxed),
            receivedFrames: inbound.counts.frames.load(ordering: .relaxed),
            receivedBytes: inbound.counts.bytes.load(ordering: .relaxed),
            droppedFrames: link.queue.dropped, dials: link.counts.dials.load(ordering: .relaxed))
    }
}

/// What is remembered of a peer for its operator.
final class PeerNotes: Sendable {
    struct Noted: Sendable {
        var certificate: CertificateFacts?
        var dialed: PeerRefusal?
        var accepted: PeerRefusal?
    }

    private let state = Mutex(Noted())

    var noted: Noted { state.withLock { $0 } }

    func accepted(_ certificate: CertificateFacts) {
        state.withLock { $0.certificate = certificate }
    }

    func refused(_ refusal: PeerRefusal) {
        state.withLock { noted in
            switch refusal.dialer {
            case .here: noted.dialed = refusal
            case .there: noted.accepted = refusal
            }
        }
    }
}

extension SocketAddress {
    /// As a person writes it.
    var text: String {
        guard let ipAddress, let port else { return "\(self)" }
        return ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
