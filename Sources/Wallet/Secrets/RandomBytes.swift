import COpenSSL
import Ledger

/// Bytes from the machine's random source, by libcrypto.
public enum RandomBytes {
    /// So many bytes.
    /// - Throws: ``WalletFault/crypto(operation:)`` where the source fails.
    public static func make(_ count: Int) throws(WalletFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .crypto(operation: "RAND_bytes") }
        return bytes
    }
}

extension PrivateKey {
    /// A new key from the machine's random source.
    /// - Throws: ``WalletFault/crypto(operation:)`` where the source fails.
    public static func random() throws(WalletFault) -> PrivateKey {
        // A number out of range comes once in 2^128 draws.
        for _ in 0..<2 {
            let secret = try SecretBytes(count: 32) { memory throws(WalletFault) in
                let start = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
                guard RAND_priv_bytes(start, 32) == 1 else {
                    throw .crypto(operation: "RAND_priv_bytes")
                }
            }
            if let key = secret.withBytes({ PrivateKey($0) }) { return key }
        }
        throw .crypto(operation: "RAND_priv_bytes")
    }
}
