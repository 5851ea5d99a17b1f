import Consensus
import Execution
import Ledger
import Replica

// Fetching blocks that the log no longer has.
extension Process {
    /// Begins to fetch what a marker stands for and this node lacks.
    ///
    /// - Returns: whether nothing is lacking.
    func restore(_ marker: SnapshotMarker) throws -> Bool {
        guard let marker = StateMarker(marker.application) else {
            throw Finding(.nodesKeepGoing, "node \(node.id) took a snapshot that says nothing")
        }
        let (height, header) = (marker.height, marker.header)
        guard height > machine.tip.height else {
            position = LogPosition(behind: marker, tip: machine.tip.height)
            return true
        }
        world.trace.note("fetches", node.position, machine.tip.height + 1, height)
        world.properties.counts.fetches += 1
        world.properties.follows(header, at: height)
        var limits = CatchUp.Limits()
        limits.blocks = 3
        limits.patienceMillis = 500
        var catchUp = CatchUp(
            chainID: world.genesis.chainID, tip: (machine.tip.height, machine.tip.header),
            set: machine.bankSet, target: (height, header), peers: others, limits: limits)
        let actions = catchUp.proceed(at: node.ticks)
        self.catchUp = catchUp
        try perform(actions)
        return false
    }

    /// Asks again where nobody answered.
    func proceedCatchingUp() throws {
        guard catchUp != nil else { return }
        try perform(catchUp?.proceed(at: node.ticks) ?? [])
    }

    func perform(_ actions: [CatchUp.Action]) throws {
        for action in actions {
            switch action {
            case .request(let range, let peer): ask(peer, .blocks(range, bytes: 3_000))
            case .execute(let blocks): try execute(blocks)
            case .needsCheckpoint: try halt("no peer has the blocks that are lacking")
            case .blame(let peer, let why):
                world.trace.note("blames", node.position, peer.rawValue, words: why)
            }
        }
    }

    private func execute(_ blocks: [SealedBlock]) throws {
        for block in blocks {
            try execute(block)
            if haltedBecause != nil { return }
        }
        let actions = catchUp?.executed(
            machine.tip.height, set: machine.bankSet, at: node.ticks)
        try perform(actions ?? [])
        guard catchUp?.isDone == true else { return }
        catchUp = nil
        // The block of the marker is the last one now.
        position = LogPosition(
            behind: StateMarker(height: machine.tip.height, header: machine.tip.header),
            tip: machine.tip.height)
        try restored()
        isDelivering = false
        wakeDelivery()
    }

    private func execute(_ block: SealedBlock) throws {
        guard let (body, transactions) = try bodyAndTransactions(block.body) else { return }
        let certificate = try? Certificate(decoding: block.certificate)
        try execute(body, transactions, certificate)
    }
}
