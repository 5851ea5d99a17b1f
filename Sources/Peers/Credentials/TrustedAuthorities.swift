import COpenSSL
import Ledger
import NIOSSL

/// The authorities that a node trusts.
///
/// NIOSSL verifies with them. It does not say what was wrong with a certificate that did not pass, so
/// OpenSSL is asked the same question for its answer's words, and for nothing else.
final class TrustedAuthorities: @unchecked Sendable {
    // `@unchecked`: nothing changes after `init`, and OpenSSL locks a store where it looks something up.

    /// For NIOSSL.
    let certificates: [NIOSSLCertificate]
    /// Of all of them; other authorities have another one.
    let fingerprint: Hash32
    private let store: OpaquePointer

    /// Reads a PEM bundle.
    init(pem: [UInt8], path: String) throws(PeerFault) {
        guard let store = X509_STORE_new() else { throw PeerFault("OpenSSL has no memory") }
        self.store = store
        var digest = SHA256()
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(pem)
            for handle in try CertificateHandle.all(pem: pem) {
                digest.update(try handle.der())
                X509_STORE_add_cert(store, handle.pointer)
            }
        } catch {
            X509_STORE_free(store)
            throw PeerFault("\(path) is no PEM file with the certificates of authorities")
        }
        fingerprint = digest.finalize()
        ERR_clear_error()
    }

    deinit { X509_STORE_free(store) }

    /// Why a certificate does not pass, in OpenSSL's words; nil if it finds nothing wrong.
    func objection(to der: [UInt8]) -> String? {
        guard let leaf = try? CertificateHandle(der: der), let context = X509_STORE_CTX_new() else {
            return nil
        }
        defer {
            X509_STORE_CTX_free(context)
            ERR_clear_error()
        }
        guard X509_STORE_CTX_init(context, store, leaf.pointer, nil) == 1,
            X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) == 1,
            X509_verify_cert(context) != 1
        else { return nil }
        let code = X509_STORE_CTX_get_error(context)
        return X509_verify_cert_error_string(Int(code)).map { String(cString: $0) }
    }
}
