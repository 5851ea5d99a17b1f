import Consensus
import Ledger
import Peers
import Replica
import Threads

/// This node among the banks' nodes: says what the rest of it has to say, and hands on what it hears.
///
/// Called on the network's threads, so what takes longer is handed to others.
final class Group: Sendable {
    /// What the group needs of the rest of the node.
    struct Edges: Sendable {
        /// Hands a message to consensus, over a connection that the epoch tells from earlier ones.
        var order: @Sendable (RaftMessage, NodeID, UInt64) -> Void
        /// Takes transactions that another node forwards.
        var take: @Sendable ([[UInt8]], NodeID) -> Void
        /// Takes a header's vote.
        var vote: @Sendable (HeaderVote, NodeID) -> Void
        /// Answers a peer's request.
        var serve: @Sendable (PeerRequest, NodeID, @escaping @Sendable (PeerReply) -> Void) -> Void
        /// Hears that a peer can be reached.
        var reached: @Sendable (NodeID) -> Void
    }

    let id: NodeID
    let network: PeerNetwork
    let table: PeerTable
    let requests: Requests
    private let edges: Locked<Edges?>
    private let clock: NodeClock
    private let introductions: Introductions
    private let known = Locked([NodeID]())
    /// Where banks were reached last, those that left too, and who belonged to the group at the last look.
    private let reached: Locked<(addresses: [NodeID: PeerAddress], members: Membership?)>

    init(
        id: NodeID, network: PeerNetwork, table: PeerTable, introductions: Introductions,
        founders: BankSet, timer: WaitTimer, clock: NodeClock, edges: Edges
    ) {
        self.id = id
        self.network = network
        self.table = table
        self.introductions = introductions
        reached = Locked((Self.addresses(of: founders), nil))
        self.edges = Locked(edges)
        self.clock = clock
        requests = Requests(timer: timer) { message, peer in
            network.send(Frame(message), to: peer, lane: .bulk)
        }
    }

    /// Lets go of the rest of the node, which holds this group; nothing is handed on any more.
    func end() { edges.with { $0 = nil } }

    // MARK: Who the others are

    /// Takes note of the banks that the ledger names.
    ///
    /// And of those that still belong to the group though the ledger names them no more: their votes are
    /// needed to let them go. Without `members` those of the last look count.
    ///
    /// - Parameters:
    ///   - set: the banks.
    ///   - height: the height of the last executed block, after which they are these.
    ///   - members: who belongs to the group of those who order.
    func update(_ set: BankSet, at height: UInt64, members: Membership? = nil) {
        var peers = Self.addresses(of: set)
        introductions.complete(&peers, set, at: height)
        peers[id] = nil
        let sorted = peers.keys.sorted()
        known.with { $0 = sorted }
        reached.with { reached in
            reached.addresses.merge(peers) { $1 }
            reached.members = members ?? reached.members
            for member in reached.members?.members ?? []
            where member.id != id && peers[member.id] == nil {
                peers[member.id] = reached.addresses[member.id]
            }
        }
        network.update(peers: peers.keys.sorted().compactMap { peers[$0] })
    }

    private static func addresses(of set: BankSet) -> [NodeID: PeerAddress] {
        var addresses: [NodeID: PeerAddress] = [:]
        for bank in set.banks {
            addresses[NodeID(bank.id)] = PeerAddress(
                id: NodeID(bank.id), nodeKey: bank.nodeKey, endpoint: bank.endpoint)
        }
        return addresses
    }

    /// The other banks, by number.
    var peers: [NodeID] { known.with { $0 } }

    // MARK: Saying

    /// Sends a message to one node; drops it if there is no connection.
    func send(_ message: PeerMessage, to peer: NodeID, lane: Lane) {
        network.send(Frame(message), to: peer, lane: lane)
    }

    /// Sends a message to every other node.
    func broadcast(_ message: PeerMessage) {
        let frame = Frame(message)
        for peer in peers { network.send(frame, to: peer, lane: .consensus) }
    }

    /// A message that is encoded when the network sends it.
    private struct Frame: PeerFrame {
        private let message: PeerMessage

        init(_ message: PeerMessage) { self.message = message }

        var byteCount: Int { message.byteCount }
        func write(to writer: inout ByteWriter) { message.write(to: &writer) }
    }
}

extension Group: PeerReceiver {
    /// Hands a message on.
    func received(
        _ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64
    ) throws(UnreadableFrame) {
        guard let edges = edges.with({ $0 }) else { return }
        let message: PeerMessage
        do throws(DecodingFault) {
            message = try PeerMessage(decoding: bytes)
        } catch {
            throw UnreadableFrame("a message that cannot be read: \(error)")
        }
        switch message {
        case .raft(let message): edges.order(message, peer, epoch)
        case .vote(let vote): edges.vote(vote, peer)
        case .status(let status):
            table.heard(status, from: peer, nowMillis: clock.nowMillis)
        case .transactions(let raws): edges.take(raws, peer)
        case .request(let number, let request):
            edges.serve(request, peer) { [self] reply in
                send(.reply(number: number, reply), to: peer, lane: .bulk)
            }
        case .reply(let number, let reply): requests.answered(number, reply, by: peer)
        }
    }

    /// Hears that messages to a peer go out again.
    func connected(to peer: NodeID, lane: Lane) {
        if lane == .bulk { edges.with { $0 }?.reached(peer) }
    }

    /// Hears that nothing comes from a peer any more.
    func disconnected(from peer: NodeID, lane: Lane, why: String) {
        if lane == .bulk { requests.lost(peer) }
    }
}

/// The way of consensus to the peers; a node that has none sends nothing.
final class GroupOutbox: Outbox, @unchecked Sendable {
    // `@unchecked`: the group is named before there is a thread that sends.

    /// This node's group; named before the driver starts.
    private(set) var group: Group?

    /// Names the group, before the driver starts.
    func connect(_ group: Group) { self.group = group }

    func reconnect(_ peer: NodeID) { group?.network.reconnect(peer, lane: .consensus) }

    func send(_ message: RaftMessage, to peer: NodeID) {
        group?.send(.raft(message), to: peer, lane: .consensus)
    }
}
