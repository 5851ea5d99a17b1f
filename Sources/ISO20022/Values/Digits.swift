/// Decimal digits in bytes of ASCII.
enum Digits {
    /// The number that `bytes` spell.
    ///
    /// - Returns: nil unless there is at least one byte, all are digits and the number is below 10^18.
    static func number(_ bytes: some Collection<UInt8>) -> Int? {
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        var number = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte & 15)
        }
        return number
    }

    /// `number` with leading zeros to `width`.
    static func text(_ number: some BinaryInteger, width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
