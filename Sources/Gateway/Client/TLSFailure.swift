import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// Why there is no TLS connection, in words for whoever set up one of its ends.
enum TLSFailure {
    /// Reads an error of NIOSSL's.
    ///
    /// NIOSSL keeps BoringSSL's codes to itself and shows them only in its description, as
    /// `…:SSLV3_ALERT_CERTIFICATE_EXPIRED …`; so the names are looked for in the text. An alert was sent by the
    /// other end, every other error was found at this one.
    ///
    /// - Parameters:
    ///   - error: what the handler caught.
    ///   - presented: the other end's certificate, if it has shown one.
    ///   - endpoint: to whom the connection was made.
    /// - Returns: nil for an error that is not TLS's own, as of the socket, and where a connection that there
    ///   was has broken.
    static func words(
        _ error: any Error, presented: NIOSSLCertificate?, to endpoint: RPCEndpoint
    ) -> String? {
        if (error as? NIOSSLExtraError) == .failedToValidateHostname {
            return "the certificate there is of another name or address than this one"
        }
        guard error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError else {
            return nil
        }
        let text = "\(error)"
        if text.contains("uncleanShutdown") { return nil }
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return objection(to: presented, authority: endpoint.authorityFile)
        }
        let known = alerts(isShown: endpoint.certificate != nil) + faults
        return known.first { text.contains($0.token) }?.words ?? "TLS failed: \(text.prefix(200))"
    }

    /// Why a certificate does not pass; BoringSSL says only that it does not.
    private static func objection(to certificate: NIOSSLCertificate?, authority: String?) -> String
    {
        let now = time(nil)
        if let certificate, certificate.notValidAfter < now {
            return "the certificate there has expired"
        }
        if let certificate, certificate.notValidBefore > now {
            return "the certificate there does not count yet, or the clock here is slow"
        }
        return "the certificate there comes from no authority "
            + (authority.map { "in \($0)" } ?? "that this system trusts")
    }

    private typealias Entry = (token: String, words: String)

    private static func alerts(isShown: Bool) -> [Entry] {
        let shown = "the certificate that was shown"
        let wanted = "the other end wants a certificate, and none was shown"
        return [
            ("ALERT_CERTIFICATE_EXPIRED", "the other end says that \(shown) has expired"),
            ("ALERT_UNKNOWN_CA", "the other end trusts no authority of \(shown)"),
            ("CERTIFICATE_REQUIRED", isShown ? "the other end does not take \(shown)" : wanted),
            ("ALERT_CERTIFICATE_REVOKED", "the other end says that \(shown) was revoked"),
            ("ALERT_UNSUPPORTED_CERTIFICATE", "the other end cannot use \(shown)"),
            ("ALERT_BAD_CERTIFICATE", "the other end does not take \(shown)"),
            ("ALERT_CERTIFICATE_UNKNOWN", "the other end does not take \(shown)"),
            ("ALERT_ACCESS_DENIED", "the other end does not let in \(shown)"),
            ("ALERT_PROTOCOL_VERSION", "the other end does not speak TLS 1.3"),
            ("ALERT_UNRECOGNIZED_NAME", "the other end has no certificate for that name"),
            ("ALERT_NO_APPLICATION_PROTOCOL", "the other end does not speak HTTP/1.1"),
            ("_ALERT_", "the other end ended TLS with an alert"),
        ]
    }

    private static let faults: [Entry] = [
        ("UNSUPPORTED_PROTOCOL", "the other end does not speak TLS 1.3"),
        ("WRONG_VERSION_NUMBER", "the other end does not speak TLS"),
        ("HTTP_REQUEST", "the other end does not speak TLS"),
        ("eofDuringHandshake", "the other end ended the connection during the handshake"),
        ("EOF during handshake", "the other end ended the connection during the handshake"),
    ]
}

/// Why a connection ended, for requests that came too late to be told.
final class ConnectionEnd: Sendable {
    private let fault = Mutex<ClientFault?>(nil)

    /// The first fault that was noted.
    var noted: ClientFault? { fault.withLock { $0 } }

    /// Takes note of a fault, unless there was one before.
    func note(_ fault: ClientFault) { self.fault.withLock { if $0 == nil { $0 = fault } } }
}

/// Puts the faults of TLS into words while the other end's certificate is at hand.
final class TLSFaultHandler: ChannelInboundHandler {
    typealias InboundIn = Never

    private let endpoint: RPCEndpoint
    private let tls: NIOSSLClientHandler
    private let end: ConnectionEnd

    init(_ tls: NIOSSLClientHandler, _ endpoint: RPCEndpoint, _ end: ConnectionEnd) {
        self.tls = tls
        self.endpoint = endpoint
        self.end = end
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let fault = endpoint.unreachable(error, presented: tls.peerCertificate)
        end.note(fault)
        context.fireErrorCaught(fault)
    }
}
