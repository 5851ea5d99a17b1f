import Consensus
import Execution
import Ledger
import Replica
import Tokens

// What a dishonest node does, and what a node does whose rules are broken on purpose.
extension Process {
    /// Changes the state behind the ledger's back, if this node is to do that.
    func spoil(before body: Body) throws {
        if case .otherState(let height) = node.lie, body.height >= height, !hasLied {
            hasLied = true
            // The treasury takes part in nearly every block.
            let key = TokenID.dip.balanceKey(.contract(0xd107))
            let cell = machine.state.peek(key)
            tamper(key, amount: cell.amount + 1, aux: cell.aux)
        }
        switch world.sabotage {
        case .skipDedup:
            // Every node gives the same nonce back, so that headers stay the same.
            let key = TokenID.dip.balanceKey(Keys.clients[0].address)
            let cell = machine.state.peek(key)
            guard cell.nonce > 0 else { return }
            tamper(key, amount: cell.amount, aux: cell.aux - 1)
        case .mintOnSkip:
            let skipped = world.properties.counts.skipped
            guard skipped > 0, body.height % 2 == 0 else { return }
            let key = TokenID.dip.balanceKey(Keys.clients[1].address)
            let cell = machine.state.peek(key)
            tamper(key, amount: cell.amount + 1, aux: cell.aux)
        default: break
        }
    }

    /// What goes into a body: what the pool gave, and after it what went before, if this node does that.
    func padded(_ transactions: [VerifiedTransaction]) -> [VerifiedTransaction] {
        defer { cutBefore = transactions }
        guard case .repeatedTransactions(let perMille) = node.lie, world.chance.happens(perMille)
        else { return transactions }
        return transactions + (cutBefore + transactions).prefix(3)
    }

    /// The time for a body: far ahead, if this node does that.
    func dated(_ now: UInt64) -> UInt64 {
        guard case .futureDates(let perMille) = node.lie, world.chance.happens(perMille) else {
            return now
        }
        return now + Self.aheadMillis
    }

    /// Further ahead than any clock is wrong.
    private static let aheadMillis: UInt64 = 100 * 86_400_000

    /// What goes out: a body that is dated ahead goes with a commit that covers it, if this node does that.
    ///
    /// Only that: where others believe in a commit that is none, they execute what may be dropped, and
    /// Raft cannot bear it. Certificates tell then who is right.
    func embellished(_ message: RaftMessage) -> RaftMessage {
        guard case .futureDates = node.lie, case .appendEntries(var append) = message.body,
            append.entries.contains(where: {
                (Body.timeMillis(of: $0.payload) ?? 0) > node.date + Self.aheadMillis / 2
            })
        else { return message }
        append.commitIndex = append.previousIndex + UInt64(append.entries.count)
        var lie = message
        lie.body = .appendEntries(append)
        return lie
    }

    /// What goes before a body and nobody can execute there, if this node does that.
    func nonsense(before body: Body) -> [UInt8]? {
        func encoded(
            version: UInt16 = body.version, height: UInt64 = body.height,
            parent: Hash32 = body.parent, time: UInt64 = body.timeMillis
        ) -> [UInt8] {
            Body.encode(
                version: version, height: height, parent: parent, timeMillis: time,
                leader: body.leader, transactions: [])
        }
        if case .earlyBodies = node.lie {
            return encoded(height: body.height + 1, parent: body.hash)
        }
        guard case .voidBodies(let perMille) = node.lie, world.chance.happens(perMille) else {
            return nil
        }
        switch world.chance.index(6) {
        case 0: return []
        case 1: return [UInt8](repeating: 0xff, count: 60)
        case 2: return encoded(parent: Keccak256.hash(body.parent.bytes))
        case 3: return encoded(height: body.height + 1_000_000)
        case 4: return encoded(version: body.version + 1)
        default: return encoded(time: 0)
        }
    }

    /// The votes that go into a body: those that came, and others, if this node does that.
    func padded(_ votes: [HeaderVote]) -> [HeaderVote] {
        guard case .forgedVotes(let perMille) = node.lie, world.chance.happens(perMille) else {
            return votes
        }
        let height = machine.tip.height
        let header = machine.tip.header
        let domain = EIP712.Domain.headers(chainID: world.genesis.chainID)
        let stranger = HeaderVote(
            height: height, header: header, signedBy: Keys.clients[0], in: domain)
        let own = HeaderVote(
            height: height + 3, header: Keccak256.hash(header.bytes), signedBy: node.key,
            in: domain)
        let swapped = HeaderVote(
            height: height, header: header, signature: votes.first?.signature ?? own.signature)
        return (votes + votes + [stranger, own, swapped]).suffix(Body.votesLimit)
    }

    /// Signs another header too, if this node does that, and lets some of the others know.
    func signAgain(_ vote: HeaderVote) throws {
        guard case .secondVotes(let perMille) = node.lie, world.chance.happens(perMille) else {
            return
        }
        let header = Keccak256.hash(vote.header.bytes)
        let second = HeaderVote(
            height: vote.height, header: header, signedBy: node.key,
            in: .headers(chainID: world.genesis.chainID))
        world.trace.note("signs again", node.position, vote.height)
        try world.properties.signed(second, by: node)
        for peer in others where world.chance.happens(700) {
            world.send(.vote(second), from: node, to: peer)
        }
    }

    /// Writes a cell outside of any block, so that no header tells of it.
    private func tamper(_ key: CellKey, amount: UInt128, aux: UInt64) {
        let context = machine.state.block
        // A state that was collected for the store takes no more writes at its height.
        guard context.height > heightFlushed else { return }
        machine.state.beginBlock(context)
        machine.state.write(key, amount: amount, aux: aux)
        _ = machine.state.endBlock()
    }
}
