import Ledger
import Storage

/// Compares the stored state with the executed one, chunk by chunk, and looks into the first chunk that
/// differs.
struct StateComparison {
    /// The first difference, nil if there is none.
    let difference: String?
    /// How many entries the executed state has.
    let entryCount: UInt64

    init(stored: any AuditedLedger, executed: StateSnapshot) throws(StoreFault) {
        let left = try stored.stateChunks()
        let (right, leafCount) = try executed.chunks()
        entryCount = leafCount
        let common = min(left.count, right.count)
        let index = (0..<common).first { left[$0].root != right[$0].root } ?? common
        guard index < max(left.count, right.count) else {
            difference = nil
            return
        }
        let limit = ChunkFormat.leavesPerChunk
        difference = Self.first(
            index < left.count
                ? try stored.stateEntries(from: left[index].firstKey, limit: limit) : [],
            index < right.count
                ? try executed.entries(from: right[index].firstKey, limit: limit) : [])
    }

    typealias Entries = [(key: [UInt8], value: [UInt8])]

    /// The first difference between entries that are known to differ.
    private static func first(_ stored: Entries, _ executed: Entries) -> String {
        for (left, right) in zip(stored, executed) {
            guard left.key == right.key else {
                return left.key.lexicographicallyPrecedes(right.key)
                    ? "the stored state has \(name(left.key)), the executed one has not"
                    : "the stored state lacks \(name(right.key)), which the executed one has"
            }
            guard left.value == right.value else {
                return "\(name(left.key)) is \(text(left)) in the stored state, and "
                    + "\(text(right)) in the executed one"
            }
        }
        return stored.count > executed.count
            ? "the stored state has \(name(stored[executed.count].key)), the executed one has not"
            : "the stored state lacks \(name(executed[stored.count].key)), which the executed one has"
    }

    private static func name(_ key: [UInt8]) -> String {
        var reader = ByteReader(key)
        guard key.count == 25, (try? reader.read(UInt8.self)) == 0x01,
            let space: UInt32 = try? reader.read(), let address = try? reader.readAddress()
        else { return "object \(Hex.encode(key))" }
        return "the cell of \(address) in space \(space)"
    }

    private static func text(_ entry: (key: [UInt8], value: [UInt8])) -> String {
        var reader = ByteReader(entry.value)
        guard entry.key.first == 0x01, entry.value.count == 32,
            let amount: UInt128 = try? reader.read(), let word: UInt64 = try? reader.read(),
            let height: UInt64 = try? reader.read()
        else { return Hex.encode(entry.value.prefix(64)) }
        return "amount \(amount), word \(word), written in block \(height)"
    }
}
