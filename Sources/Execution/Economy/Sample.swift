import Ledger

/// A sampled height: the block's header and the banks that are known to have signed it.
struct Sample: Hashable {
    /// The hash of the header.
    let header: Hash32
    /// ``BankSet/nextID`` after the block: whoever was admitted later had no part in it, though its key can sign it.
    let nextID: UInt64
    /// The banks' ids, ascending.
    private(set) var banks: [UInt64] = []

    /// A block that nobody is known to have signed.
    init(header: Hash32, nextID: UInt64) {
        self.header = header
        self.nextID = nextID
    }

    /// Counts a bank.
    /// - Returns: false if it was counted before, or was no bank yet.
    mutating func count(_ bank: UInt64) -> Bool {
        guard bank < nextID, !banks.contains(bank) else { return false }
        banks.append(bank)
        banks.sort()
        return true
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 40 + 8 * banks.count)
        writer.write(header)
        writer.write(nextID)
        for bank in banks { writer.write(bank) }
        return writer.bytes
    }

    /// Decodes a sample.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        header = try reader.readHash()
        nextID = try reader.read()
        while reader.remaining > 0 { banks.append(try reader.read()) }
    }
}
