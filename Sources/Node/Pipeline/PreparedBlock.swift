import Execution
import Ledger
import Replica
import Threads

/// A fetched block with what can be found out about it before those below are executed.
struct PreparedBlock: Sendable {
    let body: Body
    /// The body's, in its order, with who signed them.
    let transactions: [VerifiedTransaction]
    /// The one that came with it, not checked against any set of banks; nil if it cannot be read.
    let certificate: Certificate?

    /// Reads a block, and recovers who signed its transactions.
    ///
    /// - Throws: ``NodeFault/badBody(_:)`` if the body or one of its transactions is not valid.
    init(_ block: SealedBlock, chainID: UInt64) throws(NodeFault) {
        do throws(DecodingFault) {
            body = try Body(decoding: block.body)
        } catch {
            throw .badBody(error.description)
        }
        var transactions: [VerifiedTransaction] = []
        transactions.reserveCapacity(body.transactions.count)
        for index in body.transactions.indices {
            do throws(TransactionFault) {
                transactions.append(
                    try .verify(Array(body.transaction(index)), chainID: chainID))
            } catch {
                throw .badBody("transaction \(index) of block \(body.height): \(error)")
            }
        }
        self.transactions = transactions
        certificate = try? Certificate(decoding: block.certificate)
    }

    /// Prepares blocks on all workers at once, in shares of several: a hand-over to another thread for each block
    /// would cost more than the block.
    ///
    /// - Returns: what came of each, in their order.
    static func prepare(
        _ blocks: [SealedBlock], chainID: UInt64, on workers: WorkerPool<Submitter>
    ) -> [Result<PreparedBlock, NodeFault>] {
        let prepared = Locked(
            (
                left: blocks.count,
                all: [Result<PreparedBlock, NodeFault>?](repeating: nil, count: blocks.count)
            ))
        let share = max((blocks.count + 4 * workers.count - 1) / (4 * workers.count), 1)
        for start in stride(from: 0, to: blocks.count, by: share) {
            workers.submit {
                let range = start..<min(start + share, blocks.count)
                let results = range.map { index in
                    Result { () throws(NodeFault) in
                        try PreparedBlock(blocks[index], chainID: chainID)
                    }
                }
                prepared.withSignal { prepared in
                    prepared.left -= range.count
                    for (offset, result) in results.enumerated() {
                        prepared.all[start + offset] = result
                    }
                }
            }
        }
        return prepared.wait { $0.left == 0 ? .done($0.all.compactMap(\.self)) : .again(nil) }
    }
}
