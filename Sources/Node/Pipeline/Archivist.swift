import Consensus
import Ledger
import Storage
import Threads

/// Writes what was executed to the stores, on a thread of its own.
///
/// A block goes to the history store; the state goes to its store every few blocks, in one atomic batch
/// that follows the blocks it stands for. Nothing waits for it: what is lost is replayed from the log.
final class Archivist: Sendable {
    /// A state to be stored after the blocks that lead to it.
    struct StateBatch: Sendable {
        let changes: StateChanges
        let meta: StateMeta
        /// The last entry of the log that is in the state.
        let logIndex: LogIndex
    }

    private let history: HistoryStore
    private let state: StateStore
    private let worker = Worker(named: "archive")
    private let waiting = Locked(Waitings())
    private let failed: @Sendable (StoreFault) -> Void
    private let archived: @Sendable (_ height: UInt64) -> Void

    private struct Waitings {
        var blocks: [BlockRecord] = []
        var certificates: [(height: UInt64, bytes: [UInt8])] = []
        var isScheduled = false
        var hasFailed = false
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - history: where blocks and certificates go.
    ///   - state: where states go.
    ///   - archived: called on the thread when the blocks up to a height can be read from the history.
    ///   - failed: called once if the disk refuses; nothing is written after that.
    init(
        history: HistoryStore, state: StateStore,
        archived: @escaping @Sendable (_ height: UInt64) -> Void,
        failed: @escaping @Sendable (StoreFault) -> Void
    ) {
        self.history = history
        self.state = state
        self.archived = archived
        self.failed = failed
    }

    /// Queues a block, without waking the thread: ``wake()`` follows.
    func archive(_ block: BlockRecord) {
        schedule(wakes: false) { $0.blocks.append(block) }
    }

    /// Queues the certificate of a block that was queued before, or is stored.
    func archive(_ certificate: Certificate) {
        schedule(wakes: true) { $0.certificates.append((certificate.height, certificate.bytes)) }
    }

    /// Wakes the thread if it sleeps, to write what was queued without waking it.
    func wake() { worker.wake() }

    /// Queues something for the next writing; what is queued until then is written with it.
    private func schedule(wakes: Bool, _ queue: (inout Waitings) -> Void) {
        let isFirst = waiting.with { waiting in
            queue(&waiting)
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        guard isFirst else { return }
        worker.submit(wakes: wakes) { [self] in
            writeBlocks(synced: false)
            writeCertificates()
        }
    }

    /// Queues a state; it is written after the blocks that were queued before it.
    func store(_ batch: StateBatch, done: @escaping @Sendable (_ height: UInt64) -> Void) {
        worker.submit { [self] in
            guard !waiting.with({ $0.hasFailed }) else { return }
            do throws(StoreFault) {
                // The state must never be ahead of the blocks it stands on, even after a power cut.
                if !writeBlocks(synced: true) {
                    guard !waiting.with({ $0.hasFailed }) else { return }
                    try history.store(certificates: [], sync: true)
                }
                try state.apply(
                    batch.changes, meta: batch.meta, logIndex: batch.logIndex)
                done(batch.meta.height)
            } catch {
                fail(error)
            }
        }
    }

    /// Writes what is queued and ends the thread.
    func stop() { worker.stop() }

    /// Writes the blocks that are queued; false if there are none or the disk refuses.
    @discardableResult
    private func writeBlocks(synced: Bool) -> Bool {
        let blocks = waiting.with { waiting in
            defer {
                waiting.blocks = []
                waiting.isScheduled = false
            }
            return waiting.hasFailed ? [] : waiting.blocks
        }
        guard let last = blocks.last else { return false }
        do throws(StoreFault) {
            try history.append(blocks, sync: synced)
            archived(last.height)
            return true
        } catch {
            fail(error)
            return false
        }
    }

    private func writeCertificates() {
        let certificates = waiting.with { waiting in
            defer { waiting.certificates = [] }
            return waiting.hasFailed ? [] : waiting.certificates
        }
        guard !certificates.isEmpty else { return }
        // Theirs may have been queued since this was.
        writeBlocks(synced: false)
        do throws(StoreFault) {
            try history.store(certificates: certificates, sync: false)
        } catch {
            fail(error)
        }
    }

    private func fail(_ fault: StoreFault) {
        let isFirst = waiting.with { waiting in
            defer { waiting.hasFailed = true }
            return !waiting.hasFailed
        }
        if isFirst { failed(fault) }
    }
}
