import COpenSSL

/// AES with 128 bits in counter mode, by libcrypto; the same way in and out.
enum AES128CTR {
    /// Applies the key stream.
    ///
    /// - Parameters:
    ///   - input: at most 2 GiB.
    ///   - keys: the first 16 bytes are the key.
    ///   - counter: the first counter block, 16 bytes.
    /// - Returns: as many bytes as the input has.
    /// - Throws: ``WalletFault/crypto(operation:)`` where libcrypto has no memory.
    static func apply(
        to input: SecretBytes, keys: SecretBytes, counter: [UInt8]
    ) throws(WalletFault) -> SecretBytes {
        precondition(keys.count >= 16 && counter.count == 16)
        guard let context = EVP_CIPHER_CTX_new() else { throw .crypto(operation: "AES") }
        defer { EVP_CIPHER_CTX_free(context) }
        return try SecretBytes(count: input.count) { output throws(WalletFault) in
            var length: Int32 = 0
            let worked = keys.withBytes { key in
                input.withBytes { input in
                    EVP_EncryptInit_ex(
                        context, EVP_aes_128_ctr(), nil, key.baseAddress?.bytes, counter) == 1
                        && EVP_EncryptUpdate(
                            context, output.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            &length, input.baseAddress?.bytes, Int32(input.count)) == 1
                }
            }
            guard worked, Int(length) == input.count else { throw .crypto(operation: "AES") }
        }
    }
}

extension UnsafeRawPointer {
    fileprivate var bytes: UnsafePointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
}
