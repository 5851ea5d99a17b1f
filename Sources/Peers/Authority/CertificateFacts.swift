import COpenSSL
import Files
import Glibc
import Ledger

/// What an operator wants to know of a certificate.
public struct CertificateFacts: Sendable, Equatable {
    /// Whose it is, as `CN=First Bank`.
    public var subject: String
    /// Who issued it.
    public var issuer: String
    /// From when it counts, in seconds since 1970.
    public var notBefore: Int64
    /// Until when it counts, in seconds since 1970.
    public var notAfter: Int64
    /// The alternative names: `DNS:…`, `IP:…`, `URI:…`.
    public var names: [String]
    /// SHA-256 of its DER form.
    public var fingerprint: Hash32

    /// Reads a certificate in DER.
    /// - Throws: ``AuthorityFault/unreadable(_:)``.
    public init(der: [UInt8]) throws(AuthorityFault) {
        try self.init(try CertificateHandle(der: der))
    }

    /// Reads all certificates of a PEM file, in their order.
    /// - Throws: ``AuthorityFault``.
    public static func read(file path: String) throws(AuthorityFault) -> [CertificateFacts] {
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try WholeFile.read(path, limit: 1 << 20)
        } catch {
            throw .file(error)
        }
        return try all(pem: bytes)
    }

    /// Reads all certificates of a PEM file's bytes, in their order; at least one.
    package static func all(pem bytes: [UInt8]) throws(AuthorityFault) -> [CertificateFacts] {
        var facts: [CertificateFacts] = []
        for handle in try CertificateHandle.all(pem: bytes) {
            facts.append(try CertificateFacts(handle))
        }
        return facts
    }

    init(_ handle: CertificateHandle) throws(AuthorityFault) {
        let pointer = handle.pointer
        subject = try Self.text(X509_get_subject_name(pointer))
        issuer = try Self.text(X509_get_issuer_name(pointer))
        notBefore = try Self.seconds(X509_get0_notBefore(pointer))
        notAfter = try Self.seconds(X509_get0_notAfter(pointer))
        names = Self.alternativeNames(pointer)
        fingerprint = SHA256.hash(try handle.der())
    }

    /// Whether it counts at a time, in seconds since 1970.
    public func isValid(at seconds: Int64) -> Bool { notBefore <= seconds && seconds <= notAfter }

    /// Whole days from a time, in seconds since 1970, until it ends; negative afterwards.
    public func daysLeft(at seconds: Int64) -> Int64 {
        let (whole, rest) = (notAfter - seconds).quotientAndRemainder(dividingBy: 86_400)
        return rest < 0 ? whole - 1 : whole
    }

    /// The bank that the certificate names, which says nothing yet about who presents it.
    func bank(chainID: UInt64) -> UInt64? {
        let prefix = "URI:dipnet:\(chainID):"
        return names.lazy.compactMap { name in
            name.hasPrefix(prefix) ? UInt64(name.dropFirst(prefix.count)) : nil
        }.first
    }

    private static func text(_ name: OpaquePointer?) throws(AuthorityFault) -> String {
        let output = try MemoryBIO()
        let style = UInt(XN_FLAG_SEP_CPLUS_SPC) | UInt(ASN1_STRFLGS_ESC_CTRL)
        guard let name, X509_NAME_print_ex(output.pointer, name, 0, style) >= 0 else {
            throw .openSSL("read a certificate's name")
        }
        return Refusal.printable(output.bytes().prefix(200))
    }

    private static func seconds(
        _ time: UnsafePointer<ASN1_TIME>?
    ) throws(AuthorityFault) -> Int64 {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else {
            throw .unreadable("the certificate has a time that is none")
        }
        return Int64(timegm(&parts))
    }

    private static func alternativeNames(_ certificate: OpaquePointer) -> [String] {
        guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
            ERR_clear_error()
            return []
        }
        let stack = OpaquePointer(list)
        defer { GENERAL_NAMES_free(stack) }
        return (0..<min(OPENSSL_sk_num(stack), 64)).compactMap { index in
            let name = OPENSSL_sk_value(stack, index)?.assumingMemoryBound(to: GENERAL_NAME.self)
            guard let name = name?.pointee else { return nil }
            switch name.type {
            case GEN_DNS: return bytes(name.d.dNSName).map { "DNS:" + Refusal.printable($0) }
            case GEN_URI:
                return bytes(name.d.uniformResourceIdentifier)
                    .map { "URI:" + Refusal.printable($0) }
            case GEN_IPADD: return bytes(name.d.iPAddress).flatMap(address).map { "IP:" + $0 }
            default: return nil
            }
        }
    }

    private static func bytes(_ text: UnsafePointer<ASN1_STRING>?) -> UnsafeBufferPointer<UInt8>? {
        guard let text, let start = ASN1_STRING_get0_data(text) else { return nil }
        return UnsafeBufferPointer(start: start, count: min(Int(ASN1_STRING_length(text)), 255))
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else {
            return nil
        }
        let digits = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: digits, as: UTF8.self)
    }
}

extension CertificateFacts {
    /// A time as an operator reads it: `2031-04-05 06:07:08 UTC`.
    static func text(_ seconds: Int64) -> String {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
