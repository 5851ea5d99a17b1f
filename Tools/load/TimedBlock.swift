import Execution
import Foundation
import Ledger

extension Machine {
    /// Executes the next block of these transactions.
    ///
    /// - Returns: the block, and the seconds of the processor that executing took, signatures left out.
    func executeTimed(
        _ transactions: [VerifiedTransaction], timeMillis: UInt64
    ) throws -> (block: ExecutedBlock, seconds: Double) {
        let body = try Body(
            decoding: Body.encode(
                version: 1, height: tip.height + 1, parent: tip.body, timeMillis: timeMillis,
                leader: .zero, transactions: transactions))
        let start = clock()
        let block = try execute(body, transactions)
        return (block, Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }
}

extension ExecutedBlock {
    /// - Throws: ``LoadFailure`` naming the first transaction that is not done.
    func checkAllDone() throws {
        for index in recordEnds.indices {
            let record = try Record(decoding: recordBytes(index))
            guard record.outcome == .done else {
                throw LoadFailure("transaction \(index): \(Hex.encode(record.output.prefix(200)))")
            }
        }
    }
}
