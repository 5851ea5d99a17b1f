import Consensus
import Execution
import Ledger
import Replica
import Storage

// What nodes say to each other besides ordering: votes, statuses, forwarded transactions, questions.
extension Process {
    /// What a node remembers about its peers.
    struct Peers {
        /// What each said last about itself.
        var statuses: [NodeID: PeerStatus] = [:]
        /// The number of the last question.
        var questions: UInt64 = 0
        /// The question for blocks to which each peer owes an answer; others' answers come too late.
        var owed: [NodeID: UInt64] = [:]
        /// The first height that lacked its certificate at the last look.
        var missingBefore: UInt64?
    }

    /// The other banks, as this node knows them.
    var others: [NodeID] {
        machine.bankSet.banks.map { NodeID($0.id) }.filter { $0 != node.id }
    }

    func broadcast(_ message: PeerMessage) {
        for peer in others { world.send(message, from: node, to: peer) }
    }

    /// Takes a frame of a peer.
    func receive(_ parcel: Network.Parcel) throws {
        guard haltedBecause == nil else { return }
        let peer = NodeID(UInt64(parcel.route.from) + 1)
        let message: PeerMessage
        do {
            message = try PeerMessage(decoding: parcel.frame)
        } catch {
            throw Finding(
                .nodesKeepGoing, "node \(node.id) cannot read what \(peer) sent: \(error)")
        }
        world.trace.note(
            "hears", node.position, peer.rawValue, parcel.number, words: message.words)
        switch message {
        case .raft(let message):
            try receive(message, from: peer, connection: parcel.connection)
        case .vote(let vote):
            try perform(certifier.received(vote, from: peer.rawValue))
            try heard.note(vote, of: peer, by: self)
        case .status(let status):
            peers.statuses[peer] = status
        case .transactions(let raws):
            for raw in raws { _ = try submit(raw) }
        case .request(let number, let request):
            world.send(
                .reply(number: number, try answer(to: request)), from: node, to: peer)
        case .reply(let number, let reply): try take(reply, number, from: peer)
        }
    }

    // MARK: Every now and then

    /// What a node does every now and then.
    func tick() throws {
        schedule(.tick, after: 1_000_000 + world.chance.below(10_000))
        broadcast(
            .status(
                PeerStatus(
                    height: machine.tip.height, certified: certifier.certified, oldest: 0,
                    timeMillis: node.date, version: 1, isServing: true)))
        askForCertificates()
        forwardAgain()
        try arrangeMembers()
        try proceedCatchingUp()
    }

    /// Brings the members of the group to those that the ledger names, if this node leads; stops it if its
    /// bank was removed and nobody counts on its vote any more.
    private func arrangeMembers() throws {
        let set = machine.bankSet
        let wanted = set.banks.map { NodeID($0.id) }
        try handle { now throws(CoreFault) in try driver.want(wanted, at: now) }
        guard haltedBecause == nil, set[id: node.id.rawValue] == nil,
            node.id.rawValue < set.nextID
        else { return }
        pool.closedBecause = "the banks removed this bank"
        guard let members = driver.membership, !driver.isChangingMembers,
            !members.voters.contains(node.id)
        else { return }
        node.isRemoved = true
        try halt("the banks removed this bank")
    }

    private func askForCertificates() {
        guard let missing = certifier.missing else { return peers.missingBefore = nil }
        defer { peers.missingBefore = missing.lowerBound }
        guard missing.lowerBound == peers.missingBefore else { return }
        for vote in certifier.ownVotes(limit: 16) { broadcast(.vote(vote)) }
        let able = others.filter {
            peers.statuses[$0].map { $0.certified >= missing.lowerBound } ?? false
        }
        guard !able.isEmpty else { return }
        ask(world.chance.pick(able), .certificates(missing))
    }

    func ask(_ peer: NodeID, _ request: PeerRequest) {
        peers.questions += 1
        if case .blocks = request { peers.owed[peer] = peers.questions }
        world.send(.request(number: peers.questions, request), from: node, to: peer)
    }

    // MARK: Forwarding

    /// Sends again what did not come back in a block for some looks.
    private func forwardAgain() {
        if !pool.isLeader, let leader = pool.leader, leader != node.id {
            let overdue = pool.pool.takeOverdue(bytes: 4_000)
            if !overdue.isEmpty {
                world.send(.transactions(overdue.map(\.raw)), from: node, to: leader)
            }
        }
        wakeForwarding()
    }

    /// A connection to a peer was made: what was sent over the one before may be lost.
    func reached(_ peer: NodeID) throws {
        if pool.leader == peer {
            pool.pool.forwardAgain()
            wakeForwarding()
        }
        if catchUp != nil { try perform(catchUp?.returned(peer, at: node.ticks) ?? []) }
    }

    /// A connection to a peer broke, with the questions and answers that were on it.
    func lost(_ peer: NodeID) throws {
        peers.owed[peer] = nil
        if catchUp != nil { try perform(catchUp?.failed(peer, at: node.ticks) ?? []) }
    }

    /// Hands the leader what it was not sent yet, soon.
    func wakeForwarding() {
        guard !isForwardingDue, !pool.isLeader, pool.leader != nil, pool.pool.hasUnforwarded else {
            return
        }
        isForwardingDue = true
        schedule(.forward, after: 50 + world.chance.below(500))
    }

    func forward() {
        isForwardingDue = false
        guard !pool.isLeader, let leader = pool.leader, leader != node.id else { return }
        let transactions = pool.pool.takeForForwarding(bytes: 4_000)
        guard !transactions.isEmpty else { return }
        world.send(.transactions(transactions.map(\.raw)), from: node, to: leader)
        wakeForwarding()
    }

    // MARK: Questions

    private func answer(to request: PeerRequest) throws -> PeerReply {
        switch request {
        case .blocks(let range, let bytes):
            var blocks: [SealedBlock] = []
            var size = 0
            for height in range {
                guard let block = try sealedBlock(at: height) else { break }
                size += block.byteCount
                if size > Int(bytes), !blocks.isEmpty { break }
                blocks.append(block)
            }
            return .blocks(blocks, oldest: 0)
        case .certificates(let range):
            let heights = range.prefix(Int(PeerRequest.certificatesMax))
            return .certificates(try heights.compactMap { try certificate(at: $0) })
        case .checkpoint, .chunk: return .nothing
        }
    }

    private func sealedBlock(at height: UInt64) throws -> SealedBlock? {
        guard let block = try block(at: height) else { return nil }
        return SealedBlock(
            header: block.header, body: Array(block.body),
            certificate: try certificate(at: height) ?? [])
    }

    private func take(_ reply: PeerReply, _ number: UInt64, from peer: NodeID) throws {
        switch reply {
        case .blocks(let blocks, let oldest):
            guard catchUp != nil, peers.owed[peer] == number else { return }
            peers.owed[peer] = nil
            try perform(
                catchUp?.received(blocks, oldest: oldest, from: peer, at: node.ticks) ?? [])
        case .certificates(let all):
            for bytes in all {
                guard let certificate = try? Certificate(decoding: bytes) else { continue }
                try perform(certifier.received(certificate))
            }
        case .checkpoint, .chunk, .nothing: break
        }
    }
}
