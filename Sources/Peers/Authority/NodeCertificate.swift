import COpenSSL
import Consensus
import Files
import Glibc

/// A certificate for a bank's node with its key.
public struct NodeCertificate: Sendable {
    let certificate: CertificateHandle
    let key: KeyHandle

    /// What the certificate says.
    public func facts() throws(AuthorityFault) -> CertificateFacts {
        try CertificateFacts(certificate)
    }

    /// Writes both files: the certificate for everybody to read, the key with mode 0600.
    ///
    /// A running node that watches them takes them over once both are there and fit.
    ///
    /// - Throws: ``AuthorityFault``, also where one is there and `replacing` is false.
    public func write(
        certificate: String, key: String, replacing: Bool = false
    ) throws(AuthorityFault) {
        try self.key.write(to: key, replacing: replacing)
        try Authority.write([self.certificate], to: certificate, replacing: replacing)
    }
}

extension Authority {
    /// Issues a certificate for a node, with a new key on P-256, fit for both ends of TLS.
    ///
    /// - Parameters:
    ///   - name: the bank's, for people; 1 to 64 characters of printable ASCII.
    ///   - host: where the node listens, a name or an IP address.
    ///   - chainID: the ledger's.
    ///   - bank: the bank's number.
    ///   - validDays: how long it counts.
    ///   - now: seconds since 1970.
    /// - Returns: the certificate and its key, in memory only.
    /// - Throws: ``AuthorityFault``.
    public func issue(
        name: String, host: String, chainID: UInt64, bank: NodeID, validDays: Int = 397,
        now: Int64 = Authority.now
    ) throws(AuthorityFault) -> NodeCertificate {
        try issue(
            name: name, host: host, chainID: chainID, bank: bank,
            validity: try Self.validity(from: now, days: validDays))
    }

    /// The same for an exact time, in seconds since 1970.
    func issue(
        name: String, host: String, chainID: UInt64, bank: NodeID, validity: Range<Int64>,
        usage: String = "serverAuth,clientAuth"
    ) throws(AuthorityFault) -> NodeCertificate {
        let nodeKey = try KeyHandle.make()
        var draft = try CertificateDraft(subject: name, key: nodeKey, validity: validity)
        try draft.setIssuer(certificate)
        try draft.add(NID_basic_constraints, "critical,CA:FALSE")
        try draft.add(NID_key_usage, "critical,digitalSignature")
        try draft.add(NID_ext_key_usage, usage)
        try draft.add(NID_subject_key_identifier, "hash")
        try draft.add(NID_authority_key_identifier, "keyid")
        let place = "\(try Self.kind(of: host)):\(host)"
        try draft.add(NID_subject_alt_name, "\(place),URI:dipnet:\(chainID):\(bank.rawValue)")
        return NodeCertificate(certificate: try draft.signed(with: key), key: nodeKey)
    }

    /// Whether a host is an address or a name; refuses what OpenSSL would read as several names.
    private static func kind(of host: String) throws(AuthorityFault) -> String {
        var address = in6_addr()
        if inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1 {
            return "IP"
        }
        let letters = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard letters, (1...253).contains(host.utf8.count) else {
            throw .unfit("'\(host)' is neither an IP address nor a host's name")
        }
        return "DNS"
    }
}
