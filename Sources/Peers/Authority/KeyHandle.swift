import COpenSSL
import Files

/// A private key for TLS in OpenSSL's memory; it has no description that could print it.
final class KeyHandle: @unchecked Sendable {
    // `@unchecked`: a key never changes once it is made; OpenSSL counts its references atomically.
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }

    // OpenSSL wipes a key when it is freed.
    deinit { EVP_PKEY_free(pointer) }

    /// Makes a new key on the curve P-256.
    static func make() throws(AuthorityFault) -> KeyHandle {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
            throw .openSSL("make a key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw .openSSL("make a key") }
        return KeyHandle(key)
    }

    /// Reads a PEM file's bytes; keys behind a password are refused.
    static func read(pem: [UInt8]) throws(AuthorityFault) -> KeyHandle {
        let input = try MemoryBIO(pem)
        // Without this callback OpenSSL would ask the terminal for a password.
        let key = PEM_read_bio_PrivateKey(input.pointer, nil, { _, _, _, _ in -1 }, nil)
        ERR_clear_error()
        guard let key else { throw .unreadable("this is no PEM file with a private key") }
        return KeyHandle(key)
    }

    /// Writes the key to a file of mode 0600.
    func write(to path: String, replacing: Bool) throws(AuthorityFault) {
        let output = try MemoryBIO()
        guard PEM_write_bio_PKCS8PrivateKey(output.pointer, pointer, nil, nil, 0, nil, nil) == 1
        else { throw .openSSL("write a key") }
        var bytes = output.bytes()
        defer { bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        do throws(FileFault) {
            try PrivateFile.write(bytes, to: path, replacing: replacing)
        } catch {
            throw .file(error)
        }
    }
}
