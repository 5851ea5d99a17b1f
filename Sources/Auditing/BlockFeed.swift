import Foundation
import Ledger
import Storage

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
final class BlockFeed: @unchecked Sendable {
    /// A block on its way.
    private final class Pending: @unchecked Sendable {
        let archived: ArchivedBlock
        let decoded: Result<(StoredBlock, Body?), DecodingFault>
        let signatures = DispatchGroup()
        private let lock = NSLock()
        private var parts: [Int: Result<[VerifiedTransaction], BadTransaction>] = [:]

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
            lock.withLock { parts[start] = part }
        }

        /// Waits for the last signature.
        var transactions: Result<[VerifiedTransaction], BadTransaction> {
            signatures.wait()
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

    private let chainID: UInt64
    /// The reader's until it has ended.
    private var blocks: (any BlockSequence)?
    private let reading = DispatchGroup()
    private let condition = NSCondition()
    private let workers = DispatchQueue(label: "signatures", attributes: .concurrent)
    // The condition guards these.
    private var queue: [Pending] = []
    private var queuedBytes = 0
    private var hasEnded = false
    private var isStopped = false
    private var fault: StoreFault?

    /// Bytes of blocks that are read ahead.
    private static let bytesAhead = 64 << 20
    /// How many transactions one thread takes at once.
    private static let share = 32

    /// Begins to read.
    init(_ blocks: sending any BlockSequence, chainID: UInt64) {
        self.chainID = chainID
        self.blocks = blocks
        reading.enter()
        DispatchQueue.global().async { [self] in
            read()
            // The store that it reads from closes when nobody holds it.
            self.blocks = nil
            reading.leave()
        }
    }

    /// The next block.
    ///
    /// - Returns: nil after the last one, and for a block that does not decode its fault.
    /// - Throws: ``StoreFault`` where the blocks cannot be read.
    func next() throws(StoreFault) -> Result<PreparedBlock, DecodingFault>? {
        let pending = condition.withLock { () -> Pending? in
            while queue.isEmpty, !hasEnded { condition.wait() }
            guard !queue.isEmpty else { return nil }
            let first = queue.removeFirst()
            queuedBytes -= first.archived.bytes.count
            condition.broadcast()
            return first
        }
        guard let pending else {
            if let fault = condition.withLock({ fault }) { throw fault }
            return nil
        }
        let transactions = pending.transactions
        return pending.decoded.map { block, body in
            PreparedBlock(
                archived: pending.archived, block: block, body: body, transactions: transactions)
        }
    }

    /// Reads no further, and holds nothing of the store any more.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
        reading.wait()
    }

    private func read() {
        do throws(StoreFault) {
            while let archived = try blocks?.next() {
                let pending = Pending(archived)
                if case .success((_, let body?)) = pending.decoded { verify(body, pending) }
                let goesOn = condition.withLock {
                    while queuedBytes > Self.bytesAhead, !isStopped { condition.wait() }
                    queue.append(pending)
                    queuedBytes += archived.bytes.count
                    condition.broadcast()
                    return !isStopped
                }
                guard goesOn else { break }
            }
        } catch {
            condition.withLock { fault = error }
        }
        condition.withLock {
            hasEnded = true
            condition.broadcast()
        }
    }

    private func verify(_ body: Body, _ pending: Pending) {
        for start in stride(from: 0, to: body.transactions.count, by: Self.share) {
            let end = min(start + Self.share, body.transactions.count)
            workers.async(group: pending.signatures) { [chainID] in
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
