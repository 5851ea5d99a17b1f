import Execution
import Ledger

/// A block that was executed and found right, as the books take it.
struct BookedBlock {
    let header: Header
    /// What it did by itself, then what each transaction did, in the order in which it was done.
    let effects: [(effects: ArraySlice<UInt8>, transaction: Hash32?)]

    init(_ executed: ExecutedBlock, _ transactions: [VerifiedTransaction]) {
        header = executed.header
        let records = executed.recordEnds.indices.map { index in
            guard let record = try? Record(decoding: executed.recordBytes(index)) else {
                preconditionFailure("record \(index) as it was just written")
            }
            return record.effects
        }
        effects =
            records.suffix(1).map { ($0, nil) }
            + zip(records, transactions).map { ($0, $1.hash) }
    }
}
