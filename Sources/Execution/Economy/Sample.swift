import Ledger

/// A sampled height: the block's header and the banks that are known to have signed it.
struct Sample: Hashable {
    /// The hash of the header.
    let header: Hash32
    /// The banks' ids, ascending.
    private(set) var banks: [UInt64] = []

    /// A block that nobody is known to have signed.
    init(header: Hash32) { self.header = header }

    /// Counts a bank.
    /// - Returns: false if it was counted before.
    mutating func count(_ bank: UInt64) -> Bool {
        guard !banks.contains(bank) else { return false }
        banks.append(bank)
        banks.sort()
        return true
    }

    /// The canonical bytes; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32 + 8 * banks.count)
        writer.write(header)
        for bank in banks { writer.write(bank) }
        return writer.bytes
    }

    /// Decodes a sample.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        header = try reader.readHash()
        while reader.remaining > 0 { banks.append(try reader.read()) }
    }
}
