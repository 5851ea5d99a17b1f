import Dispatch
import Ledger
import Storage
import Threads

/// A block that was read, decoded, and of whose transactions all signatures were looked at.
struct PreparedBlock {
    let archived: ArchivedBlock
    let block: StoredBlock
    /// Nil for genesis.
    let body: Body?
    /// The transactions, or which of them is not valid.
    let transactions: Result<[VerifiedTransaction], BadTransaction>
}

/// A transaction that no node would have executed.
struct BadTransaction: Error {
    let index: Int
    let fault: TransactionFault
}

/// Reads blocks ahead and recovers the signers of their transactions on all cores.
final class BlockFeed: Sendable {
    /// A block on its way.
    private final class Pending: Sendable {
        let archived: ArchivedBlock
        let decoded: Result<(StoredBlock, Body?), DecodingFault>
        let signatures = DispatchGroup()
        private let parts = Locked([Int: Result<[VerifiedTransaction], BadTransaction>]())

        init(_ archived: ArchivedBlock) {
            self.archived = archived
            do throws(DecodingFault) {
                let block = try StoredBlock(decoding: archived.bytes)
                let body = block.body.isEmpty ? nil : try Body(decoding: Array(block.body))
                decoded = .success((block, body))
            } catch {
                decoded = .failure(error)
            }
        }

        func put(_ part: Result<[VerifiedTransaction], BadTransaction>, at start: Int) {
            parts.with { $0[start] = part }
        }

        /// Waits for the last signature.
        var transactions: Result<[VerifiedTransaction], BadTransaction> {
            signatures.wait()
            let parts = parts.with { $0 }
            var all: [VerifiedTransaction] = []
            for start in parts.keys.sorted() {
                switch parts[start] {
                case .success(let part): all += part
                case .failure(let bad): return .failure(bad)
                case nil: break
                }
            }
            return .success(all)
        }
    }

    /// What was read, and how it goes on.
    private struct Ahead {
        var queue: [Pending] = []
        var bytes = 0
        var hasEnded = false
        var isStopped = false
        var fault: StoreFault?
    }

    private let ahead = Locked(Ahead())
    private let reader: SystemThread

    /// Bytes of blocks that are read ahead.
    private static let bytesAhead = 64 << 20
    /// How many transactions one thread takes at once.
    private static let share = 32

    /// Begins to read.
    init(_ blocks: sending any BlockSequence, chainID: UInt64) {
        let blocks = Locked(Optional(blocks))
        reader = SystemThread(named: "read-ahead") { [ahead] in
            // The store that it reads from closes when nobody holds it.
            guard var blocks = blocks.with({ $0.take() }) else { return }
            Self.read(&blocks, into: ahead, chainID: chainID)
        }
    }

    /// The next block.
    ///
    /// - Returns: nil after the last one, and for a block that does not decode its fault.
    /// - Throws: ``StoreFault`` where the blocks cannot be read.
    func next() throws(StoreFault) -> Result<PreparedBlock, DecodingFault>? {
        let next = ahead.wait { ahead -> Waiting<Result<Pending, StoreFault>?> in
            guard !ahead.queue.isEmpty else {
                return ahead.hasEnded ? .done(ahead.fault.map { .failure($0) }) : .again(nil)
            }
            let first = ahead.queue.removeFirst()
            ahead.bytes -= first.archived.bytes.count
            return .done(.success(first))
        }
        // Nobody but the reader can wait now.
        ahead.signalOne()
        guard let pending = try next?.get() else { return nil }
        let transactions = pending.transactions
        return pending.decoded.map { block, body in
            PreparedBlock(
                archived: pending.archived, block: block, body: body, transactions: transactions)
        }
    }

    /// Reads no further, and holds nothing of the store any more; once.
    func stop() {
        ahead.withSignal { $0.isStopped = true }
        reader.join()
    }

    private static func read(
        _ blocks: inout any BlockSequence, into ahead: Locked<Ahead>, chainID: UInt64
    ) {
        let workers = DispatchQueue(label: "signatures", attributes: .concurrent)
        var fault: StoreFault?
        do throws(StoreFault) {
            while let archived = try blocks.next() {
                let pending = Pending(archived)
                if case .success((_, let body?)) = pending.decoded {
                    verify(body, pending, chainID: chainID, on: workers)
                }
                let goesOn = ahead.wait { ahead -> Waiting<Bool> in
                    guard ahead.bytes <= bytesAhead || ahead.isStopped else { return .again(nil) }
                    ahead.queue.append(pending)
                    ahead.bytes += archived.bytes.count
                    return .done(!ahead.isStopped)
                }
                // Nor can anybody but who wants the next block.
                ahead.signalOne()
                guard goesOn else { break }
            }
        } catch {
            fault = error
        }
        ahead.withSignal { [fault] ahead in
            ahead.fault = fault
            ahead.hasEnded = true
        }
    }

    private static func verify(
        _ body: Body, _ pending: Pending, chainID: UInt64, on workers: DispatchQueue
    ) {
        for start in stride(from: 0, to: body.transactions.count, by: share) {
            let end = min(start + share, body.transactions.count)
            workers.async(group: pending.signatures) {
                var part: [VerifiedTransaction] = []
                do throws(BadTransaction) {
                    for index in start..<end {
                        do throws(TransactionFault) {
                            part.append(
                                try .verify(Array(body.transaction(index)), chainID: chainID))
                        } catch {
                            throw BadTransaction(index: index, fault: error)
                        }
                    }
                    pending.put(.success(part), at: start)
                } catch {
                    pending.put(.failure(error), at: start)
                }
            }
        }
    }
}
