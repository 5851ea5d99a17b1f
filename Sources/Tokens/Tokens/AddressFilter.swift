import Ledger

/// Tells of addresses that they are not in a set, by one look into 8 KiB that stay in the processor's cache.
///
/// With n addresses in it, it tells so of e^(−n / 65,536) of all others: of 98 in 100 with 1,000, half of them with
/// 45,000, a fifth with 100,000. Of the rest the set itself is asked, as it would be without this.
/// What was removed from the set may stay: it only costs another look.
struct AddressFilter {
    private var words = ContiguousArray<UInt64>(repeating: 0, count: 1 << 10)

    /// Addresses of tokens are parts of hashes: any bits of them will do.
    @inline(__always)
    private static func place(of address: Address) -> (word: Int, bit: UInt64) {
        (Int(address.low >> 6 & 1023), 1 << UInt64(address.low & 63))
    }

    /// False only of what was never inserted.
    @inline(__always)
    func contains(_ address: Address) -> Bool {
        let (word, bit) = Self.place(of: address)
        return words[word] & bit != 0
    }

    mutating func insert(_ address: Address) {
        let (word, bit) = Self.place(of: address)
        words[word] |= bit
    }
}
