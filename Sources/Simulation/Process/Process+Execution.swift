import Consensus
import Execution
import Ledger
import Replica
import Storage

// What the executor does on the driver's delivering thread.
extension Process {
    /// Executes a committed body.
    func committed(_ payload: [UInt8], at index: LogIndex) throws {
        defer { indexExecuted = index }
        guard try !isPast(payload),
            let (body, transactions) = try bodyAndTransactions(payload)
        else { return }
        try execute(body, transactions)
    }

    /// Whether an entry stands before the place of the log that the state stands for.
    private func isPast(_ payload: [UInt8]) throws -> Bool {
        guard world.sabotage != .tryAgain, let body = try? Body(decoding: payload) else {
            return false
        }
        return try position.passes(body, tip: machine.tip.height) { height in
            try block(at: height)?.header.body
        }
    }

    /// Decodes a body and finds or verifies its transactions.
    ///
    /// - Returns: nil if it was executed before, or if every node passes over it.
    func bodyAndTransactions(
        _ payload: [UInt8]
    ) throws -> (Body, [VerifiedTransaction])? {
        if let fault = machine.versionFault {
            try halt("body: \(fault)")
            return nil
        }
        guard let body = try? Body(decoding: payload) else { return passOver("unreadable") }
        guard body.height > machine.tip.height else { return nil }
        do { try machine.check(body) } catch { return passOver("\(error)") }
        if let known = cutBodies.take(height: body.height), known.body.bytes == payload {
            return (known.body, known.transactions)
        }
        var transactions: [VerifiedTransaction] = []
        for index in body.transactions.indices {
            let raw = Array(body.transaction(index))
            // Clients gave it to this node too: the signer is known.
            if pool.pool.count > 0, let known = pool.pool.transaction(Keccak256.hash(raw)) {
                transactions.append(known)
                continue
            }
            do {
                transactions.append(try .verify(raw, chainID: world.genesis.chainID))
            } catch { return passOver("\(error)") }
        }
        return (body, transactions)
    }

    private func passOver(_ why: String) -> (Body, [VerifiedTransaction])? {
        world.trace.note("passes over", node.position, words: why)
        world.properties.counts.voidBodies += 1
        return nil
    }

    /// Executes a body, with a certificate if it came with one.
    func execute(
        _ body: Body, _ transactions: [VerifiedTransaction], _ certificate: Certificate? = nil
    ) throws {
        guard let root = try checkpointRoot(for: body.height) else { return }
        try spoil(before: body)
        let set = machine.bankSet
        let block: ExecutedBlock
        do {
            block = try machine.execute(
                body, transactions, checkpointRoot: root == .zero ? nil : root)
        } catch {
            return try halt("body: \(error)")
        }
        if let fault = machine.state.fault { return try halt("store: \(fault)") }
        world.trace.note(
            "executes", node.position, body.height, UInt64(transactions.count),
            words: "header \(block.hash)")
        try world.properties.executed(block, transactions, signedBy: set, by: self)
        pool.unpublished += 1
        publishing.append(
            Executed(
                block: block, set: set, transactions: transactions,
                certificate: certificate))
        if publishing.count == 1 { schedule(.publish, after: 10 + world.chance.below(200)) }
        pool.executed(
            nextDue: machine.nextDue, rules: machine.rules, versions: machine.versions)
        wakeSequencer()
        try finish(body.height)
    }

    /// Stores what is due.
    private func finish(_ height: UInt64) throws {
        if world.genesis.isCheckpoint(height) {
            // A checkpoint is of the state after this very block.
            if isFlushing { try drain() }
            flush(checkpoint: true)
        } else if height - heightFlushed >= world.scenario.flushBlocks, !isFlushing {
            flush()
        }
    }

    /// The root that a block has to certify, zero if none; nil if the process has halted over it.
    private func checkpointRoot(for height: UInt64) throws -> Hash32? {
        guard let due = world.genesis.checkpointDue(at: height) else { return .zero }
        if node.disk.roots[due] == nil { try drain() }
        guard haltedBecause == nil else { return nil }
        guard let root = node.disk.roots[due] else {
            try halt("the checkpoint of block \(due) could not be made")
            return nil
        }
        return root
    }
}
