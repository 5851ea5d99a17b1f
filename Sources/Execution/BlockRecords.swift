import Ledger

/// The records of a block that is being executed: one for each transaction, then one for what the block did itself.
struct BlockRecords {
    private var writer = ByteWriter(capacity: 1 << 20)
    /// Where each of them ends in ``bytes``.
    private(set) var ends: [Int] = []

    /// All of them, one behind the other.
    var bytes: [UInt8] { writer.bytes }
    /// How many bytes they have so far.
    var byteCount: Int { writer.bytes.count }

    /// Forgets those of the block before.
    mutating func begin(expecting count: Int) {
        writer.removeAll()
        ends = []
        ends.reserveCapacity(count)
    }

    /// Adds the next one.
    ///
    /// - Parameters:
    ///   - outcome: what became of the transaction; of what the block did itself, that it is done.
    ///   - gasUsed: the gas that was paid for.
    ///   - feePayer: who paid; nil for the sender, and where nothing was paid.
    ///   - output: what the call returned, or the revert data of its refusal.
    ///   - effects: framed, one behind the other.
    mutating func append(
        _ outcome: Outcome, gasUsed: UInt64 = 0, feePayer: Address? = nil, output: [UInt8] = [],
        effects: ArraySlice<UInt8> = []
    ) {
        Record.write(
            outcome, gasUsed: gasUsed, feePayer: feePayer, output: output, effects: effects,
            to: &writer)
        ends.append(writer.bytes.count)
    }

    /// The leaves of the tree over them.
    var leaves: [Hash32] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return MerkleTree.leaf(writer.bytes[start..<end])
        }
    }
}
