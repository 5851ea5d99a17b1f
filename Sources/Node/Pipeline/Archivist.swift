import Ledger
import Storage

/// Writes what was executed to the stores, on a thread of its own.
///
/// A block goes to the history store; the state goes to its store every few blocks, in one atomic batch
/// that follows the blocks it stands for. Nothing waits for it: what is lost is replayed from the log.
final class Archivist: Sendable {
    /// A state to be stored after the blocks that lead to it.
    struct StateBatch: Sendable {
        let changes: StateChanges
        let meta: StateMeta
    }

    private let history: HistoryStore
    private let state: StateStore
    private let worker = Worker()
    private let waiting = Locked(Waitings())
    private let failed: @Sendable (StoreFault) -> Void

    private struct Waitings {
        var blocks: [BlockRecord] = []
        var certificates: [(height: UInt64, bytes: [UInt8])] = []
        var isScheduled = false
        var hasFailed = false
    }

    /// Starts the thread; `failed` is called once if the disk refuses, and nothing is written after.
    init(
        history: HistoryStore, state: StateStore, failed: @escaping @Sendable (StoreFault) -> Void
    ) {
        self.history = history
        self.state = state
        self.failed = failed
    }

    /// Queues a block; those that queue up meanwhile are written together.
    func archive(_ block: BlockRecord, done: @escaping @Sendable (_ height: UInt64) -> Void) {
        let schedule = waiting.with { waiting in
            waiting.blocks.append(block)
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        guard schedule else { return }
        worker.submit { [self] in
            if let height = writeBlocks(synced: false) { done(height) }
        }
    }

    /// Queues the certificate of a block that was queued before, or is stored.
    func archive(_ certificate: Certificate) {
        let schedule = waiting.with { waiting in
            defer { waiting.certificates.append((certificate.height, certificate.bytes)) }
            return waiting.certificates.isEmpty
        }
        guard schedule else { return }
        worker.submit { [self] in writeCertificates() }
    }

    /// Queues a state; it is written after the blocks that were queued before it.
    func store(_ batch: StateBatch, done: @escaping @Sendable (_ height: UInt64) -> Void) {
        worker.submit { [self] in
            guard !waiting.with({ $0.hasFailed }) else { return }
            do throws(StoreFault) {
                // The state must never be ahead of the blocks it stands on, even after a power cut.
                if writeBlocks(synced: true) == nil {
                    guard !waiting.with({ $0.hasFailed }) else { return }
                    try history.store(certificates: [], sync: true)
                }
                try state.apply(batch.changes, meta: batch.meta)
                done(batch.meta.height)
            } catch {
                fail(error)
            }
        }
    }

    /// Writes what is queued and ends the thread.
    func stop() { worker.stop() }

    private func writeBlocks(synced: Bool) -> UInt64? {
        let blocks = waiting.with { waiting in
            defer {
                waiting.blocks = []
                waiting.isScheduled = false
            }
            return waiting.hasFailed ? [] : waiting.blocks
        }
        guard let last = blocks.last else { return nil }
        do throws(StoreFault) {
            try history.append(blocks, sync: synced)
            return last.height
        } catch {
            fail(error)
            return nil
        }
    }

    private func writeCertificates() {
        let certificates = waiting.with { waiting in
            defer { waiting.certificates = [] }
            return waiting.hasFailed ? [] : waiting.certificates
        }
        guard !certificates.isEmpty else { return }
        // Theirs may have been queued since this was.
        _ = writeBlocks(synced: false)
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
