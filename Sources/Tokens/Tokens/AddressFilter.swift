import Ledger

/// Tells of most addresses that they are not in a set, by one look into 8 KiB that stay in the processor's cache.
///
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
