import Ledger
import Storage

/// A block that only says how high it is, and when it was made.
func bareBlock(height: UInt64, timeMillis: UInt64 = 0) throws -> StoredBlock {
    let body = Body.encode(
        version: 1, height: height, parent: .zero, timeMillis: timeMillis, leader: .zero,
        transactions: [])
    let header = Header(
        height: height, parent: .zero, body: SHA256.hash(body), timeMillis: timeMillis,
        leader: .zero, transactionCount: 0, transactionsRoot: .zero, recordsRoot: .zero,
        changesRoot: .zero, stateHash: .zero, gasUsed: 0, gasLimit: 1, gasPrice: 1, banks: .zero)
    return try StoredBlock(
        decoding: StoredBlock.encode(
            header: header, body: body, records: [], recordEnds: [0], changes: StateChanges()))
}
