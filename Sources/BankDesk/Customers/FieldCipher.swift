import COpenSSL
import Ledger
import Wallet

/// Encrypts what is personal in the journal, and makes it findable without being readable.
///
/// AES-256-GCM, a fresh nonce each time; the name of the column is authenticated, so that a value cannot be
/// moved to another column. Look-ups go by HMAC-SHA-256 under a key of its own.
public struct FieldCipher: Sendable {
    /// A column or use of a value.
    public enum Field: String, Sendable {
        case customerName = "customer.name"
        case accountNumber = "customer.account"
        case virtualAccount = "customer.virtual"
        case entryDetails = "entry.details"
        case entryAccount = "entry.account"
        case caseDetails = "case.details"
        case fileName = "message.name"
        case paymentFile = "batch.file"
        case payout = "payout"
    }

    private let encryption: SecretBytes
    private let lookups: SecretBytes
    /// Opens the keys that the bank keeps for customers.
    let customerPassword: SecretBytes

    /// Derives its keys from the desk's own key.
    public init(_ key: PrivateKey) {
        func derive(_ use: String) -> [UInt8] {
            key.withSecret { HMAC.sha256(key: Array($0), Array("dipnet desk \(use)".utf8)).bytes }
        }
        encryption = SecretBytes(derive("encryption"))
        lookups = SecretBytes(derive("lookups"))
        customerPassword = SecretBytes(Array(Hex.encode(derive("customers")).utf8))
    }

    /// A keyed hash, equal for equal values of a field and for nothing else.
    public func lookup(_ text: String, _ field: Field) -> Hash32 {
        let message = Array(field.rawValue.utf8) + [0] + Array(text.utf8)
        return lookups.withBytes { HMAC.sha256(key: Array($0), message) }
    }

    /// Encrypts a text: 1, a nonce of 12 bytes, as many bytes as the text has, a tag of 16.
    /// - Throws: ``WalletFault/crypto(operation:)`` where libcrypto fails.
    public func seal(_ text: String, _ field: Field) throws(DeskFault) -> [UInt8] {
        try seal(Array(text.utf8), field)
    }

    /// Encrypts bytes, as for a text.
    /// - Throws: ``WalletFault/crypto(operation:)`` where libcrypto fails.
    public func seal(_ plain: [UInt8], _ field: Field) throws(DeskFault) -> [UInt8] {
        let nonce = try keys { () throws(WalletFault) in try RandomBytes.make(12) }
        var output = [UInt8](repeating: 0, count: plain.count)
        var tag = [UInt8](repeating: 0, count: 16)
        let worked = Self.run(encryption, field, nonce, isSealing: true) { context in
            var count: Int32 = 0
            return EVP_CipherUpdate(context, &output, &count, plain, Int32(plain.count)) == 1
                && EVP_CipherFinal_ex(context, nil, &count) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, 16, &tag) == 1
        }
        guard worked else { throw .wallet(.crypto(operation: "encrypting a field")) }
        return [1] + nonce + output + tag
    }

    /// Decrypts bytes that ``seal(_:_:)-([UInt8],_)`` made.
    /// - Throws: ``DeskFault/journal(_:)`` for others, another key or another field.
    public func open(_ sealed: [UInt8], _ field: Field) throws(DeskFault) -> [UInt8] {
        guard sealed.count >= 29, sealed[0] == 1 else {
            throw .journal("a field of \(field.rawValue) is damaged")
        }
        let content = Array(sealed[13..<(sealed.count - 16)])
        var tag = Array(sealed.suffix(16))
        var output = [UInt8](repeating: 0, count: content.count)
        let worked = Self.run(encryption, field, Array(sealed[1..<13]), isSealing: false) {
            context in
            var count: Int32 = 0
            return EVP_CipherUpdate(context, &output, &count, content, Int32(content.count)) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, &tag) == 1
                && EVP_CipherFinal_ex(context, nil, &count) == 1
        }
        guard worked else {
            throw .journal("a field of \(field.rawValue) is damaged, or the desk's key is another")
        }
        return output
    }

    /// Decrypts a text.
    /// - Throws: ``DeskFault/journal(_:)``.
    public func text(_ sealed: [UInt8], _ field: Field) throws(DeskFault) -> String {
        String(decoding: try open(sealed, field), as: UTF8.self)
    }

    private static func run(
        _ key: SecretBytes, _ field: Field, _ nonce: [UInt8], isSealing: Bool,
        _ body: (OpaquePointer) -> Bool
    ) -> Bool {
        guard let context = EVP_CIPHER_CTX_new() else { return false }
        defer { EVP_CIPHER_CTX_free(context) }
        let name = Array(field.rawValue.utf8)
        let started = key.withBytes { bytes in
            EVP_CipherInit_ex(
                context, EVP_aes_256_gcm(), nil,
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce, isSealing ? 1 : 0)
        }
        var count: Int32 = 0
        guard started == 1,
            EVP_CipherUpdate(context, nil, &count, name, Int32(name.count)) == 1
        else { return false }
        return body(context)
    }
}

/// Keyed hashes by RFC 2104.
enum HMAC {
    /// HMAC-SHA-256; the key is at most 64 bytes long.
    static func sha256(key: [UInt8], _ message: [UInt8]) -> Hash32 {
        precondition(key.count <= 64, "keys here have 32 bytes")
        var inner = [UInt8](repeating: 0x36, count: 64)
        var outer = [UInt8](repeating: 0x5c, count: 64)
        for (index, byte) in key.enumerated() {
            inner[index] ^= byte
            outer[index] ^= byte
        }
        return SHA256.hash(outer + SHA256.hash(inner + message).bytes)
    }
}
