import Consensus
import Execution
import Ledger
import Replica
import Storage

// Publishing and archiving: what their threads do, step by step.
extension Process {
    /// What the archivist has to do, in order.
    struct Archivist {
        enum Job {
            /// Blocks, those that queue up meanwhile with them.
            case blocks
            /// Certificates of blocks that are stored.
            case certificates
            /// A state that stands on the blocks queued before it, and the entry that led to it.
            case state(StateChanges, StateMeta, index: UInt64, isCheckpoint: Bool)
        }

        var jobs: [Job] = []
        var blocks: [BlockRecord] = []
    }

    /// Publishes the oldest block that was executed and not published.
    func publish() throws {
        guard !publishing.isEmpty else { return }
        let next = publishing.removeFirst()
        if !publishing.isEmpty { schedule(.publish, after: 10 + world.chance.below(200)) }
        let block = try StoredBlock(decoding: next.block.stored)
        let hashes = next.transactions.map(\.hash)
        archive(
            BlockRecord(
                height: block.header.height, hash: block.hash, transactions: hashes, logItems: [],
                bytes: block.bytes))
        try sign(
            block, set: next.set, next.certificate, isSampled: next.block.isSampled)
        recent[block.header.height] = block
        head = block
        func skipped(_ index: Int) -> Bool {
            Outcome(record: next.block.recordBytes(index)) == .skipped
        }
        pool.unpublished -= 1
        let dropped = pool.pool.settle(
            height: block.header.height, next.transactions, skipped: skipped)
        for (index, hash) in hashes.enumerated() where waiters[hash] != nil {
            if !skipped(index) {
                try fulfil(hash, .found(block, index: index))
            } else if let known = try locate(hash) {
                // What was ordered twice, because a leader changed, is skipped the second time.
                try fulfil(hash, .found(known.block, index: known.index))
            } else {
                try fulfil(hash, .dropped)
            }
        }
        for transaction in dropped { try fulfil(transaction.hash, .dropped) }
        wakeSequencer()
        wakeForwarding()
    }

    // MARK: Archiving

    private func archive(_ block: BlockRecord) {
        archivist.blocks.append(block)
        if case .blocks? = archivist.jobs.last { return }
        queue(.blocks)
    }

    /// Has the certificates stored that are not.
    func archiveCertificates() {
        if case .certificates? = archivist.jobs.last { return }
        queue(.certificates)
    }

    private func queue(_ job: Archivist.Job) {
        archivist.jobs.append(job)
        if archivist.jobs.count == 1 {
            schedule(.archive, after: node.disk.syncTime(&world.chance))
        }
    }

    /// Hands what changed to the archivist, behind the blocks that changed it.
    func flush(checkpoint: Bool = false) {
        guard machine.state.uncollectedCount > 0 || checkpoint else { return }
        isFlushing = true
        let tip = machine.tip
        heightFlushed = tip.height
        let meta = StateMeta(
            height: tip.height, headerHash: tip.header, stateHash: tip.stateHash)
        queue(
            .state(
                machine.state.collectChanges(), meta, index: indexExecuted,
                isCheckpoint: checkpoint))
    }

    /// Does the archivist's oldest job.
    func archive() throws {
        guard let job = archivist.jobs.first else { return }
        do {
            switch job {
            case .blocks: try writeBlocks(synced: false)
            case .certificates: try writeCertificates()
            case .state(let changes, let meta, let index, let isCheckpoint):
                // The blocks up to this state are published first, on another thread.
                guard head.header.height >= meta.height else {
                    return schedule(.archive, after: 200)
                }
                if world.sabotage != .stateBeforeBlocks { try writeBlocks(synced: true) }
                try stateStore.apply(changes, meta: meta, logIndex: index)
                try stored(meta, index, isCheckpoint)
            }
        } catch let fault as StoreFault {
            return try halt("store: \(fault)")
        }
        guard !archivist.jobs.isEmpty else { return }
        archivist.jobs.removeFirst()
        if !archivist.jobs.isEmpty {
            schedule(.archive, after: node.disk.syncTime(&world.chance))
        }
    }

    private func writeBlocks(synced: Bool) throws {
        let blocks = archivist.blocks
        archivist.blocks = []
        guard let last = blocks.last else {
            // The state must never be ahead of the blocks it stands on, even after a power cut.
            if synced { try history.store(certificates: [], sync: true) }
            return
        }
        try history.append(blocks, sync: synced)
        for height in recent.keys.sorted() where height < last.height { recent[height] = nil }
        if !certificates.isEmpty { try writeCertificates() }
    }

    /// Stores certificates of stored blocks; those of blocks that are stored later come then.
    private func writeCertificates() throws {
        guard let tip = history.tip else { return }
        let heights = certificates.keys.filter { $0 <= tip }.sorted()
        try history.store(
            certificates: heights.map { (height: $0, bytes: certificates[$0] ?? []) }, sync: false)
        for height in heights { certificates[height] = nil }
    }

    /// The store holds a state: the log may forget what led to it.
    private func stored(_ meta: StateMeta, _ index: UInt64, _ isCheckpoint: Bool) throws {
        machine.state.written(upTo: meta.height)
        world.trace.note("stores", node.position, meta.height, index)
        if isCheckpoint {
            // Nothing further is flushed until it is whole.
            schedule(.makeRoot, after: 1_000 + world.chance.below(30_000))
        } else {
            isFlushing = false
        }
        guard index > 0, let term = log.term(of: index) else { return }
        let marker = StateMarker(height: meta.height, header: meta.headerHash)
        try handle { now throws(CoreFault) in
            try driver.snapshot(at: index, term: term, application: marker.bytes, now: now)
        }
    }

    // MARK: Checkpoints

    /// Works out the root of the stored state, if that is a checkpoint without one.
    func makeRoot() throws {
        guard let height = stateStore.meta?.height, world.genesis.isCheckpoint(height),
            node.disk.roots[height] == nil
        else { return }
        do {
            node.disk.roots[height] = try stateStore.snapshot().stateRoot()
            isFlushing = false
            world.properties.counts.checkpoints += 1
        } catch {
            try halt("store: \(error)")
        }
    }

    /// Waits until everything is published and stored, and the checkpoint made.
    func drain() throws {
        while haltedBecause == nil, !publishing.isEmpty { try publish() }
        while haltedBecause == nil, !archivist.jobs.isEmpty { try archive() }
        if haltedBecause == nil { try makeRoot() }
    }

    /// Ends as when an operator stops the node: finishes what was ordered, stores everything.
    func stop() throws {
        guard haltedBecause == nil else { return }
        do {
            for action in writer.batch + writer.queue { try log.write(action) }
            _ = try log.sync()
        } catch {
            return try halt("log: \(error)")
        }
        try drain()
        guard haltedBecause == nil else { return }
        flush()
        try drain()
    }
}
