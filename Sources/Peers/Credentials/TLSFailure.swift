import NIOSSL

/// What went wrong with TLS, told so that an operator knows whose certificate it is about.
struct TLSFailure {
    var side: PeerRefusal.Side
    var refusal: Refusal

    /// Reads an error of NIOSSL.
    ///
    /// NIOSSL keeps BoringSSL's error codes to itself and shows them only in its description, as
    /// `…:SSLV3_ALERT_CERTIFICATE_EXPIRED …`; so the names are looked for in the text. An alert was
    /// sent by the other end, every other error was found at this one.
    ///
    /// It is nil for an error that is not TLS's own, as of the socket.
    ///
    /// - Parameters:
    ///   - error: what the handler caught.
    ///   - presented: the other end's certificate in DER, if it has shown one.
    ///   - credentials: with which this end came.
    ///   - now: seconds since 1970.
    init?(
        _ error: any Error, presented: [UInt8]?, credentials: Credentials, now: Int64
    ) {
        guard error is NIOSSLError || error is BoringSSLError else { return nil }
        let text = "\(error)"
        if let alert = Self.alerts.first(where: { text.contains($0.token) }) {
            side = .there
            refusal = Refusal(
                alert.reason,
                "\(alert.words); our certificate \(Self.describe(credentials.certificate))")
        } else if text.contains("CERTIFICATE_VERIFY_FAILED") {
            side = .here
            refusal = Self.objection(to: presented, credentials, now)
        } else if let known = Self.faults.first(where: { text.contains($0.token) }) {
            side = known.reason == .broken ? .there : .here
            refusal = Refusal(known.reason, known.words)
        } else {
            side = .here
            refusal = Refusal(.handshakeFailed, "TLS failed: \(text.prefix(200))")
        }
    }

    /// Why a certificate does not pass, at a time in seconds since 1970.
    static func objection(
        to presented: [UInt8]?, _ credentials: Credentials, _ now: Int64
    ) -> Refusal {
        guard let presented, let facts = try? CertificateFacts(der: presented) else {
            return Refusal(.unfitCertificate, "your certificate does not pass")
        }
        let who = "your certificate \(describe(facts))"
        if facts.notAfter < now { return Refusal(.certificateExpired, "\(who) has expired") }
        if facts.notBefore > now {
            return Refusal(
                .certificateNotYetValid,
                "\(who) does not count before \(CertificateFacts.text(facts.notBefore))")
        }
        let words = credentials.authorities.objection(to: presented) ?? "it does not pass"
        let isStranger = words.contains("issuer") || words.contains("self")
        return Refusal(
            isStranger ? .unknownAuthority : .unfitCertificate,
            isStranger
                ? "\(who) comes from no authority that this node trusts (\(words))"
                : "\(who) does not pass (\(words))")
    }

    private static func describe(_ facts: CertificateFacts) -> String {
        "(\(facts.subject), by \(facts.issuer), until \(CertificateFacts.text(facts.notAfter)))"
    }

    private typealias Entry = (token: String, reason: RefusalReason, words: String)

    private static let alerts: [Entry] = [
        (
            "ALERT_CERTIFICATE_EXPIRED", .certificateExpired,
            "the other end says that our certificate has expired or does not count yet"
        ),
        (
            "ALERT_UNKNOWN_CA", .unknownAuthority,
            "the other end trusts no authority of our certificate"
        ),
        (
            "CERTIFICATE_REQUIRED", .noCertificate,
            "the other end says that we presented no certificate"
        ),
        (
            "ALERT_CERTIFICATE_REVOKED", .unfitCertificate,
            "the other end says that our certificate was revoked"
        ),
        (
            "ALERT_BAD_CERTIFICATE", .unfitCertificate,
            "the other end says that our certificate is bad"
        ),
        (
            "ALERT_UNSUPPORTED_CERTIFICATE", .unfitCertificate,
            "the other end says that our certificate is not made for this use"
        ),
        (
            "ALERT_CERTIFICATE_UNKNOWN", .unfitCertificate,
            "the other end does not accept our certificate"
        ),
        (
            "ALERT_PROTOCOL_VERSION", .version, "the other end does not speak TLS 1.3"
        ),
        (
            "ALERT_NO_APPLICATION_PROTOCOL", .version,
            "the other end does not speak \(Credentials.protocolName)"
        ),
        ("_ALERT_", .handshakeFailed, "the other end ended TLS with an alert"),
    ]

    private static let faults: [Entry] = [
        (
            "PEER_DID_NOT_RETURN_A_CERTIFICATE", .noCertificate, "you presented no certificate"
        ),
        ("UNSUPPORTED_PROTOCOL", .version, "you do not speak TLS 1.3"),
        ("HTTP_REQUEST", .handshakeFailed, "this is the port for peers; you speak HTTP"),
        ("WRONG_VERSION_NUMBER", .handshakeFailed, "you do not speak TLS"),
        ("eofDuringHandshake", .broken, "the connection ended during the TLS handshake"),
        ("EOF during handshake", .broken, "the connection ended during the TLS handshake"),
        ("uncleanShutdown", .broken, "the connection broke"),
    ]
}
