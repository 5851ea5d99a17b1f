import Ledger

extension PrivateKey {
    /// Reads 64 hexadecimal digits with an optional `0x`, white space around them allowed.
    ///
    /// - Parameters:
    ///   - text: in UTF-8.
    ///   - file: where it comes from, for the fault.
    /// - Returns: the key.
    /// - Throws: ``WalletFault/badKey(file:reason:)``, which does not repeat the text.
    public static func read(
        hexText text: SecretBytes, of file: String? = nil
    ) throws(WalletFault) -> PrivateKey {
        let key = try SecretBytes(count: 32) { memory throws(WalletFault) in
            try text.withBytes { bytes throws(WalletFault) in
                var digits = bytes[...]
                while let first = digits.first, isSpace(first) { digits = digits.dropFirst() }
                while let last = digits.last, isSpace(last) { digits = digits.dropLast() }
                guard digits.first != UInt8(ascii: "{") else {
                    throw .badKey(
                        file: file,
                        reason: "64 hexadecimal digits were expected, and not a keystore file or "
                            + "one that names a signer; what is kept here has to be the key itself")
                }
                if digits.starts(with: [0x30, 0x78]) { digits = digits.dropFirst(2) }
                guard digits.count == 64 else {
                    throw .badKey(file: file, reason: "64 hexadecimal digits were expected")
                }
                for place in 0..<32 {
                    let index = digits.startIndex + 2 * place
                    guard let high = Hex.digit(digits[index]),
                        let low = Hex.digit(digits[index + 1])
                    else {
                        throw .badKey(file: file, reason: "64 hexadecimal digits were expected")
                    }
                    memory[place] = high << 4 | low
                }
            }
        }
        guard let key = key.withBytes({ PrivateKey($0) }) else {
            throw .badKey(
                file: file, reason: "the number is 0 or not below the order of secp256k1")
        }
        return key
    }

    /// 64 hexadecimal digits and a line end.
    public var hexText: SecretBytes {
        withSecret { secret in
            SecretBytes(count: 65) { memory in
                let digits: StaticString = "0123456789abcdef"
                for (place, byte) in secret.enumerated() {
                    memory[2 * place] = digits.utf8Start[Int(byte >> 4)]
                    memory[2 * place + 1] = digits.utf8Start[Int(byte & 15)]
                }
                memory[64] = 0x0a
            }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}
