import COpenSSL
import Ledger

/// A certificate in OpenSSL's memory; never changed once it is made.
final class CertificateHandle: @unchecked Sendable {
    // `@unchecked`: OpenSSL locks what it remembers of a certificate, and counts its references atomically.
    let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// Reads a certificate in DER.
    /// - Throws: ``AuthorityFault/unreadable(_:)``.
    convenience init(der: [UInt8]) throws(AuthorityFault) {
        let parsed = der.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_X509(nil, &next, bytes.count)
        }
        ERR_clear_error()
        guard let parsed else { throw .unreadable("this is no certificate in DER") }
        self.init(parsed)
    }

    /// Reads all certificates of a PEM file's bytes.
    /// - Throws: ``AuthorityFault/unreadable(_:)`` if there is none or one cannot be read.
    static func all(pem: [UInt8]) throws(AuthorityFault) -> [CertificateHandle] {
        let input = try MemoryBIO(pem)
        var found: [CertificateHandle] = []
        while let next = PEM_read_bio_X509(input.pointer, nil, nil, nil) {
            found.append(CertificateHandle(next))
        }
        // The end of the file shows as the fault that no further start line was there.
        let isAtEnd = BIO_ctrl_pending(input.pointer) == 0
        ERR_clear_error()
        guard !found.isEmpty, isAtEnd else {
            throw .unreadable("this is no PEM file with certificates")
        }
        return found
    }

    /// The bytes that are signed, and the signature.
    func der() throws(AuthorityFault) -> [UInt8] {
        var memory: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(pointer, &memory)
        guard count > 0, let memory else { throw .openSSL("encode a certificate") }
        defer { CRYPTO_free(memory, nil, 0) }
        return Array(UnsafeBufferPointer(start: memory, count: Int(count)))
    }

    /// As a PEM file has it.
    func pem() throws(AuthorityFault) -> [UInt8] {
        let output = try MemoryBIO()
        guard PEM_write_bio_X509(output.pointer, pointer) == 1 else {
            throw .openSSL("write a certificate")
        }
        return output.bytes()
    }
}

/// Memory that OpenSSL reads from or writes to as if it were a file.
final class MemoryBIO {
    let pointer: OpaquePointer

    /// Empty, to be written to.
    init() throws(AuthorityFault) {
        guard let pointer = BIO_new(BIO_s_secmem()) else { throw .openSSL("take memory") }
        self.pointer = pointer
    }

    /// With these bytes, to be read.
    convenience init(_ bytes: [UInt8]) throws(AuthorityFault) {
        try self.init()
        let count = Int32(clamping: bytes.count)
        guard bytes.isEmpty || BIO_write(pointer, bytes, count) == count else {
            throw .openSSL("take memory")
        }
    }

    // The memory of this kind is wiped when it is freed.
    deinit { BIO_free(pointer) }

    /// All that was written and not read yet.
    func bytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(pointer)))
        let count = BIO_read(pointer, &bytes, Int32(clamping: bytes.count))
        return Array(bytes.prefix(max(0, Int(count))))
    }
}
