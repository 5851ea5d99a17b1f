import Glibc

/// Where a server listens and whom it answers.
public struct ServerConfiguration: Sendable {
    /// Where a server listens.
    public enum Address: Sendable, Equatable {
        /// A TCP port; 0 lets the system choose one.
        case tcp(host: String, port: Int)
        /// A socket file, made with mode 0600.
        case unix(path: String)
    }

    /// The certificate chain and the private key, both PEM files.
    public struct TLSFiles: Sendable, Equatable {
        /// The server's certificate first, then those above it.
        public var certificateChain: String
        /// The private key, in a file that only its owner can read.
        public var privateKey: String

        /// Names the two files.
        public init(certificateChain: String, privateKey: String) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
        }
    }

    /// Where to listen.
    public var address: Address
    /// What callers may cost.
    public var limits = ServerLimits()
    /// Names, besides those of the loopback address, by which the server may be called in `Host`.
    public var hosts: [String] = []
    /// Proxies that say in each request's head whose it is.
    ///
    /// Whoever calls from their addresses is believed it.
    public var proxies: [AddressNetwork] = []
    /// Web pages that may call, as scheme, host and port: `https://wallet.example`.
    public var origins: [String] = []
    /// Lets browser extensions call, as wallets such as MetaMask are.
    ///
    /// A page cannot pass for one.
    public var allowsBrowserExtensions = true
    /// The tokens that open the server; none means that everybody who can connect may call.
    public var tokens: [AccessToken] = []
    /// What a caller without a token may do.
    ///
    /// nil: everything but administer on a server without tokens, nothing on one with tokens,
    /// everything on a socket file.
    public var anonymousScopes: RPCScope?
    /// TLS 1.3 with these files; nil: plain HTTP.
    public var tls: TLSFiles?
    /// Listens on an address other than loopback although TLS or tokens are missing.
    public var allowsUnprotectedAddress = false
    /// Threads that serve connections.
    public var connectionThreads = 2
    /// Threads for offloaded methods.
    public var workerThreads = 2

    /// Listens on `address` with everything else as by default.
    public init(address: Address) { self.address = address }

    var effectiveAnonymousScopes: RPCScope {
        if let anonymousScopes { return anonymousScopes }
        if case .unix = address { return .all }
        return tokens.isEmpty ? [.read, .send, .dev] : []
    }
}

extension ServerConfiguration {
    /// Refuses what would open the node to a network unprotected.
    func check() throws(ServerFault) {
        guard case .tcp(let host, let port) = address else { return }
        guard (0...65535).contains(port) else { throw ServerFault("\(port) is no port") }
        guard !Self.isLoopback(host), !allowsUnprotectedAddress else { return }
        guard tls != nil, !tokens.isEmpty else {
            throw ServerFault(
                "\(host) can be reached from the network: give a certificate, a key and a token "
                    + "file, or listen on 127.0.0.1")
        }
    }

    /// Whether only this machine can reach `host`.
    ///
    /// Names other than localhost count as reachable.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        var address: [UInt8] = [0, 0, 0, 0]
        return inet_pton(AF_INET, host, &address) == 1 && address[0] == 127
    }
}

extension ServerConfiguration.Address: CustomStringConvertible {
    /// As a person writes it.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}

/// Why a server cannot start.
public struct ServerFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to try.
    public let description: String
    /// Whether it may get better by itself, as where another process has the address.
    public let isPassing: Bool

    init(_ description: String, isPassing: Bool = false) {
        self.description = description
        self.isPassing = isPassing
    }
}
