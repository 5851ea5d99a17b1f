extension Address {
    /// `0x` and 40 digits of which the case carries a checksum (EIP-55).
    public var checksummed: String {
        let digits = Hex.encode(bytes)
        let hash = Keccak256.hash(digits)
        var text = "0x"
        for (index, digit) in digits.enumerated() {
            // A letter is large where the hash's digit at its place is 8 or more.
            let part =
                switch index >> 4 {
                case 0: hash.parts.0
                case 1: hash.parts.1
                default: hash.parts.2
                }
            let isLarge = part >> UInt64(60 - 4 * (index & 15)) & 8 != 0
            text += isLarge ? digit.uppercased() : String(digit)
        }
        return text
    }

    /// Reads 40 digits with an optional `0x`, as people type them.
    ///
    /// - Returns: nil if the text is of another form, or its letters are of both cases and do not fit
    ///   the checksum of EIP-55; letters of one case carry none.
    public init?(checked text: some StringProtocol) {
        guard let address = Address(hex: text) else { return nil }
        let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : String(text)
        if digits != digits.lowercased(), digits != digits.uppercased(),
            "0x" + digits != address.checksummed
        {
            return nil
        }
        self = address
    }
}
