import COpenSSL
import Consensus
import Files
import Glibc

/// A bank's own authority: a key and a certificate that issue the certificates of its nodes.
///
/// Every node trusts the authorities of all banks, so nobody has to ask another bank for a
/// certificate. Which bank a certificate speaks for is decided by the endorsement of that bank's node
/// key and by nothing that an authority writes.
public struct Authority: Sendable {
    let certificate: CertificateHandle
    let key: KeyHandle

    /// Makes an authority with a new key on P-256.
    ///
    /// - Parameters:
    ///   - name: its common name, 1 to 64 characters of printable ASCII.
    ///   - validDays: how long its certificate counts.
    ///   - now: seconds since 1970.
    /// - Returns: the authority, in memory only.
    /// - Throws: ``AuthorityFault``.
    public static func make(
        name: String, validDays: Int = 3_653, now: Int64 = Authority.now
    ) throws(AuthorityFault) -> Authority {
        let key = try KeyHandle.make()
        var draft = try CertificateDraft(
            subject: name, key: key, validity: try validity(from: now, days: validDays))
        try draft.setIssuer(nil)
        try draft.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        try draft.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        try draft.add(NID_subject_key_identifier, "hash")
        return Authority(certificate: try draft.signed(with: key), key: key)
    }

    /// Reads an authority from its two PEM files; the key's must have mode 0600.
    /// - Throws: ``AuthorityFault``.
    public static func read(
        certificate: String, key: String
    ) throws(AuthorityFault) -> Authority {
        var secret: [UInt8]
        let open: [UInt8]
        do throws(FileFault) {
            secret = try PrivateFile.read(key, limit: 64 << 10)
            open = try WholeFile.read(certificate, limit: 1 << 20)
        } catch {
            throw .file(error)
        }
        defer { secret.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
        let handle = try KeyHandle.read(pem: secret)
        guard let first = try CertificateHandle.all(pem: open).first else {
            throw .unreadable("\(certificate) has no certificate")
        }
        guard X509_check_private_key(first.pointer, handle.pointer) == 1 else {
            ERR_clear_error()
            throw .foreignKey
        }
        return Authority(certificate: first, key: handle)
    }

    /// Writes both files: the certificate for everybody to read, the key with mode 0600.
    /// - Throws: ``AuthorityFault``, also where one is there and `replacing` is false.
    public func write(
        certificate: String, key: String, replacing: Bool = false
    ) throws(AuthorityFault) {
        try self.key.write(to: key, replacing: replacing)
        try Self.write([self.certificate], to: certificate, replacing: replacing)
    }

    /// The authority's certificate in PEM, for the bundles of those who trust it.
    public func certificatePEM() throws(AuthorityFault) -> [UInt8] { try certificate.pem() }

    /// What its certificate says.
    public func facts() throws(AuthorityFault) -> CertificateFacts {
        try CertificateFacts(certificate)
    }

    /// Seconds since 1970.
    public static var now: Int64 { Int64(time(nil)) }

    static func validity(from start: Int64, days: Int) throws(AuthorityFault) -> Range<Int64> {
        guard (1...36_525).contains(days) else {
            throw .unfit("a certificate is valid for 1 to 36525 days, not \(days)")
        }
        // An hour back, for the clocks of others that are a little behind.
        return (start - 3_600)..<(start + Int64(days) * 86_400)
    }

    static func write(
        _ certificates: [CertificateHandle], to path: String, replacing: Bool
    ) throws(AuthorityFault) {
        var bytes: [UInt8] = []
        for certificate in certificates { bytes += try certificate.pem() }
        do throws(FileFault) {
            try WholeFile.write(bytes, to: path, mode: 0o644, replacing: replacing)
        } catch {
            throw .file(error)
        }
    }
}
