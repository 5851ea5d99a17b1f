import COpenSSL

/// A certificate that is being made.
struct CertificateDraft {
    private let certificate: CertificateHandle
    private var issuer: CertificateHandle?

    /// Starts with a random serial number.
    ///
    /// - Parameters:
    ///   - subject: the common name, 1 to 64 characters of printable ASCII.
    ///   - key: whose public half is certified.
    ///   - validity: in seconds since 1970; the end is the first second that no longer counts.
    /// - Throws: ``AuthorityFault``.
    init(
        subject: String, key: KeyHandle, validity: Range<Int64>
    ) throws(AuthorityFault) {
        guard (1...64).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else { throw .unfit("'\(subject)' is no name of 1 to 64 printable ASCII characters") }
        guard let pointer = X509_new() else { throw .openSSL("make a certificate") }
        certificate = CertificateHandle(pointer)
        let name = X509_get_subject_name(pointer)
        guard X509_set_version(pointer, Int(X509_VERSION_3)) == 1,
            Self.setSerial(pointer),
            ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(validity.lowerBound)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(validity.upperBound - 1)) != nil,
            X509_NAME_add_entry_by_NID(
                name, NID_commonName, MBSTRING_ASC, Array(subject.utf8),
                Int32(subject.utf8.count), -1, 0) == 1,
            X509_set_pubkey(pointer, key.pointer) == 1
        else { throw .openSSL("make a certificate") }
    }

    /// Names who will sign; nil for a certificate that signs itself.
    mutating func setIssuer(_ issuer: CertificateHandle?) throws(AuthorityFault) {
        self.issuer = issuer
        let name = X509_get_subject_name((issuer ?? certificate).pointer)
        guard X509_set_issuer_name(certificate.pointer, name) == 1 else {
            throw .openSSL("name the issuer of a certificate")
        }
    }

    /// Adds an extension in OpenSSL's own notation.
    mutating func add(_ kind: Int32, _ value: String) throws(AuthorityFault) {
        var context = X509V3_CTX()
        X509V3_set_ctx(
            &context, (issuer ?? certificate).pointer, certificate.pointer, nil, nil, 0)
        guard let made = X509V3_EXT_nconf_nid(nil, &context, kind, value) else {
            throw .openSSL("write '\(value)' into a certificate")
        }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(certificate.pointer, made, -1) == 1 else {
            throw .openSSL("extend a certificate")
        }
    }

    /// Signs with ECDSA and SHA-256; the draft is used up.
    consuming func signed(with key: KeyHandle) throws(AuthorityFault) -> CertificateHandle {
        guard X509_sign(certificate.pointer, key.pointer, EVP_sha256()) > 0 else {
            throw .openSSL("sign a certificate")
        }
        return certificate
    }

    private static func setSerial(_ certificate: OpaquePointer) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 16)
        guard RAND_bytes(&bytes, 16) == 1, let number = BN_bin2bn(bytes, 16, nil) else {
            return false
        }
        defer { BN_free(number) }
        // The highest bit would make it negative, and zero is not allowed.
        guard BN_mask_bits(number, 127) == 1 || BN_num_bits(number) <= 127,
            BN_add_word(number, 1) == 1
        else { return false }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }
}
