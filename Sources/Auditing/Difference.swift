import Execution
import Ledger

/// Says in what a stored block differs from what executing its body gave.
struct Difference {
    let stored: StoredBlock
    let executed: ExecutedBlock

    /// The first difference, nil if every byte is the same.
    var description: String? {
        if let field = headerField { return field }
        if stored.bytes == executed.stored { return nil }
        return recordOrChange ?? "it is encoded in another way"
    }

    private var headerField: String? {
        let (stored, executed) = (stored.header, executed.header)
        guard stored != executed else { return nil }
        var first: String?
        func check<Value: Equatable>(_ name: String, _ field: KeyPath<Header, Value>) {
            let (left, right) = (stored[keyPath: field], executed[keyPath: field])
            guard first == nil, left != right else { return }
            first = "the \(name) is \(left) as stored, and \(right) as executed"
        }
        // What follows from the body comes before what follows from executing it.
        check("height", \.height)
        check("version", \.version)
        check("hash of the header before", \.parent)
        check("hash of the body", \.body)
        check("time", \.timeMillis)
        check("leader", \.leader)
        check("number of transactions", \.transactionCount)
        check("root of the transactions", \.transactionsRoot)
        if first == nil { first = recordOrChange.map { "\($0), and with it the header" } }
        check("root of the records", \.recordsRoot)
        check("root of the changes", \.changesRoot)
        check("state hash", \.stateHash)
        check("gas used", \.gasUsed)
        check("gas limit", \.gasLimit)
        check("gas price", \.gasPrice)
        check("hash of the set of banks", \.banks)
        check("height of the certified checkpoint", \.checkpointHeight)
        check("root of the certified checkpoint", \.checkpointRoot)
        return first
    }

    /// The first record or changed entry that differs.
    private var recordOrChange: String? {
        for index in 0...stored.transactions.count where index < executed.recordEnds.count {
            guard stored.recordBytes(index) != executed.recordBytes(index) else { continue }
            return index == stored.transactions.count
                ? "what the block did by itself (timers, cascades) is another"
                : "what transaction \(index) did is another"
        }
        guard let changes = try? stored.changes() else { return "its changes do not decode" }
        for (left, right) in zip(changes.cells, executed.changes.cells) {
            guard left.key == right.key else {
                return "the cell of \(min(left.key, right.key).text) is changed only once"
            }
            guard left.cell == right.cell else {
                return "the cell of \(left.key.text) has \(left.cell.amount) as stored, and "
                    + "\(right.cell.amount) as executed"
            }
            guard left.previous == right.previous else {
                return "the cell of \(left.key.text) was written before in block "
                    + "\(left.previous) as stored, and \(right.previous) as executed"
            }
        }
        if changes.cells.count != executed.changes.cells.count {
            return "\(changes.cells.count) cells are changed as stored, and "
                + "\(executed.changes.cells.count) as executed"
        }
        for (left, right) in zip(changes.objects, executed.changes.objects)
        where left.key != right.key || left.value != right.value {
            return "the object \(Hex.encode(left.key)) is another"
        }
        if changes.objects.count != executed.changes.objects.count {
            return "\(changes.objects.count) objects are changed as stored, and "
                + "\(executed.changes.objects.count) as executed"
        }
        return nil
    }
}

extension CellKey {
    var text: String { "\(address) in space \(space)" }
}
