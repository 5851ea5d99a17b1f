import Files
import NIOCore
import NIOPosix
import NIOSSL

/// Where a node, or another service that is asked over HTTP, answers, and what to show it.
public struct RPCEndpoint: Sendable, CustomStringConvertible {
    enum Place: Sendable, Equatable {
        case tcp(host: String, port: Int, isTLS: Bool)
        case unix(path: String)
    }

    /// The port of Ethereum's JSON-RPC.
    public static let defaultPort = 8545

    let place: Place
    /// The bearer token to show.
    public var token: String?
    /// A PEM file with the certificate authorities to trust instead of the system's.
    public var authorityFile: String?
    /// The certificate to show, where the other end wants one; the files are read for each connection.
    public var certificate: ServerConfiguration.TLSFiles?
    /// How long to wait for a connection, and for each answer.
    public var timeoutMilliseconds: Int64 = 30_000
    /// The most bytes of one answer.
    public var answerLimit = 512 << 20
    /// What is there, in the words for a person.
    public var service = "node"

    /// Reads `http://HOST[:PORT]`, `https://…`, `ws://…`, `wss://…`, or the path of a socket file
    /// that has a `/` in it or starts with `unix:`.
    ///
    /// - Parameters:
    ///   - text: the address.
    ///   - port: where it names none.
    /// - Throws: ``ClientFault/misconfigured(_:)`` for anything else.
    public init(_ text: String, port: Int = defaultPort) throws(ClientFault) {
        if text.hasPrefix("unix:") {
            place = .unix(path: String(text.dropFirst(5)))
            return
        }
        if text.contains("/"), !text.contains("://") {
            place = .unix(path: text)
            return
        }
        let schemes = [("http://", false), ("https://", true), ("ws://", false), ("wss://", true)]
        guard let (scheme, isTLS) = schemes.first(where: { text.hasPrefix($0.0) }),
            let (host, port) = Self.split(text.dropFirst(scheme.count), port)
        else {
            throw .misconfigured(
                "\(text) is no address: write http://HOST:PORT, https://HOST:PORT or unix:PATH")
        }
        place = .tcp(host: host, port: port, isTLS: isTLS)
    }

    private static func split(
        _ text: Substring, _ defaultPort: Int
    ) -> (host: String, port: Int)? {
        var rest = text
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.contains("/"), !rest.contains("@"), !rest.contains("?") else { return nil }
        var host = rest
        var port = defaultPort
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            host = rest[..<colon]
            guard let number = UInt16(rest[rest.index(after: colon)...]), number > 0 else {
                return nil
            }
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        return host.isEmpty ? nil : (String(host), port)
    }

    /// As a person writes it.
    public var description: String {
        switch place {
        case .tcp(_, _, let isTLS): "\(isTLS ? "https" : "http")://\(authority)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether what is said to it can be read or changed on the way.
    public var isReadableOnTheWay: Bool {
        guard case .tcp(let host, _, false) = place else { return false }
        return !ServerConfiguration.isLoopback(host)
    }

    /// What goes into `Host`.
    var authority: String {
        switch place {
        case .tcp(let host, let port, _):
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix: "localhost"
        }
    }

    /// Checks that the files for TLS can be used, as far as that shows without a connection.
    ///
    /// - Throws: ``ClientFault/misconfigured(_:)`` naming what cannot.
    public func check() throws(ClientFault) { _ = try tlsContext() }

    /// The TLS handler for a new connection; nil for plain ones.
    func tlsContext() throws(ClientFault) -> NIOSSLContext? {
        guard case .tcp(_, _, let isTLS) = place else { return nil }
        guard isTLS else {
            guard token == nil || !isReadableOnTheWay else {
                throw .misconfigured(
                    "\(self) would send the token readable over the network; use https://")
            }
            return nil
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        if let authorityFile {
            do {
                configuration.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMFile(authorityFile))
            } catch {
                throw .misconfigured(
                    "cannot use the certificate authorities in \(authorityFile): \(error)")
            }
        }
        if let certificate { try show(certificate, &configuration) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            guard let certificate else {
                throw .misconfigured("cannot use the system's certificate authorities: \(error)")
            }
            throw .misconfigured(
                "cannot show the certificate \(certificate.certificateChain) with the key "
                    + "\(certificate.privateKey): \(error); do they belong together?")
        }
    }

    private func show(
        _ files: ServerConfiguration.TLSFiles, _ configuration: inout TLSConfiguration
    ) throws(ClientFault) {
        do {
            try PrivateFile.check(files.privateKey)
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(
                files.certificateChain
            ).map { .certificate($0) }
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: files.privateKey, format: .pem))
        } catch let fault as FileFault {
            throw .misconfigured(fault.description(of: "certificate's key"))
        } catch {
            throw .misconfigured(
                "cannot show the certificate \(files.certificateChain) with the key "
                    + "\(files.privateKey): \(error); both have to be PEM files")
        }
    }

    /// The name to check the server's certificate for; nil for an address.
    var serverName: String? {
        guard case .tcp(let host, _, _) = place,
            (try? SocketAddress(ipAddress: host, port: 0)) == nil
        else { return nil }
        return host
    }

    /// What to tell of a connection that could not be made or ended.
    ///
    /// - Parameters:
    ///   - error: why.
    ///   - presented: the other end's certificate, if it has shown one.
    /// - Returns: the fault.
    func unreachable(
        _ error: any Error, presented: NIOSSLCertificate? = nil
    ) -> ClientFault {
        if let fault = error as? ClientFault { return fault }
        if let words = TLSFailure.words(error, presented: presented, to: self) {
            return .unreachable("\(self): no TLS 1.3 connection: \(words)")
        }
        switch error {
        case ChannelError.connectTimeout:
            return .timedOut("\(self): no connection within \(timeoutMilliseconds) ms")
        case let error as IOError:
            return .unreachable(
                "\(self): \(systemMessage(error.errnoCode)); is the \(service) running?")
        case let error as NIOConnectionError:
            let first = error.connectionErrors.first?.error as? IOError
            let reason = first.map { systemMessage($0.errnoCode) } ?? "no such host"
            return .unreachable("\(self): \(reason); is the \(service) running there?")
        default:
            return .unreachable("\(self): the connection ended (\(error))")
        }
    }
}
