import Glibc

/// Decides from a request's head whether it is let in, and with what scopes.
///
/// A browser lets any page send requests to this machine. `Host` tells a page that had its own name
/// point here (DNS rebinding), `Origin` one that calls openly; programs send no `Origin`.
struct Gatekeeper: Sendable {
    /// Who calls.
    struct Caller: Sendable, Equatable {
        var scopes: RPCScope
        /// The token's place in the configuration; nil without one.
        var token: Int?
    }

    private let isSocketFile: Bool
    private let hosts: [String]
    /// Whether the address listened on can be reached from the network, so that the node is rightly
    /// called by its addresses, which it need not know.
    ///
    /// A rebound name is never an address.
    private let allowsAddresses: Bool
    private let origins: [String]
    private let allowsExtensions: Bool
    let tokens: [AccessToken]
    private let anonymous: RPCScope

    init(_ configuration: ServerConfiguration) {
        if case .unix = configuration.address { isSocketFile = true } else { isSocketFile = false }
        var hosts = ["localhost", "127.0.0.1", "[::1]"]
        hosts += configuration.hosts.map { $0.lowercased() }
        // The wildcard addresses are no names to call a node by.
        if case .tcp(let host, _) = configuration.address, host != "0.0.0.0", host != "::" {
            hosts.append(host.contains(":") ? "[\(host.lowercased())]" : host.lowercased())
        }
        self.hosts = hosts
        if case .tcp(let host, _) = configuration.address {
            allowsAddresses = !ServerConfiguration.isLoopback(host)
        } else {
            allowsAddresses = false
        }
        allowsExtensions = configuration.allowsBrowserExtensions
        origins = configuration.origins.map { $0.lowercased() }
        tokens = configuration.tokens
        anonymous = configuration.effectiveAnonymousScopes
    }

    /// Whether web pages of `origin` may call.
    func allows(origin: String) -> Bool {
        guard !isSocketFile else { return false }
        let origin = origin.lowercased()
        return origins.contains(origin)
            || allowsExtensions && Self.extensions.contains { origin.hasPrefix($0) }
    }

    private static let extensions = [
        "chrome-extension://", "moz-extension://", "safari-web-extension://",
    ]

    /// Checks `Host`: exactly one, naming this server.
    ///
    /// The port is not looked at, as it may have been forwarded.
    func checkHost(_ host: String?) throws(HTTPRefusal) {
        guard !isSocketFile else { return }
        guard let host else { throw HTTPRefusal(400, "exactly one Host header is needed") }
        var name = host.lowercased()[...]
        if let colon = name.lastIndex(of: ":"), name.last != "]",
            name[..<colon].last == "]" || !name[..<colon].contains(":")
        {
            name = name[..<colon]
        }
        guard hosts.contains(where: { $0 == name }) || allowsAddresses && Self.isAddress(name)
        else {
            throw HTTPRefusal(
                403, "the host name \(host.prefix(80)) is not one of this node's; configure it")
        }
    }

    private static func isAddress(_ name: Substring) -> Bool {
        var room = [UInt8](repeating: 0, count: 16)
        if name.hasPrefix("["), name.hasSuffix("]") {
            return inet_pton(AF_INET6, String(name.dropFirst().dropLast()), &room) == 1
        }
        return inet_pton(AF_INET, String(name), &room) == 1
    }

    /// Checks `Origin`: none, or one of those allowed.
    func checkOrigin(_ origin: String?) throws(HTTPRefusal) {
        guard let origin else { return }
        guard allows(origin: origin) else {
            throw HTTPRefusal(403, "pages of \(origin.prefix(80)) may not call this node")
        }
    }

    /// Tells who calls from `Authorization`.
    func identify(_ authorization: String?) throws(HTTPRefusal) -> Caller {
        guard let authorization else {
            guard !anonymous.isEmpty else {
                throw HTTPRefusal(401, "this node needs a token: Authorization: Bearer TOKEN")
            }
            return Caller(scopes: anonymous, token: nil)
        }
        let parts = authorization.utf8.split(separator: 0x20, maxSplits: 1)
        guard parts.count == 2, parts[0].elementsEqual("bearer".utf8, by: { $0 | 0x20 == $1 })
        else {
            throw HTTPRefusal(401, "only Authorization: Bearer TOKEN is understood")
        }
        let shown = Array(parts[1])
        // All tokens are compared, so that the time does not tell which one came near.
        var found: Int?
        for (index, token) in tokens.enumerated() where token.matches(shown) { found = index }
        guard let found else {
            // Without tokens configured, one that is shown opens nothing and shuts nothing.
            guard tokens.isEmpty else { throw HTTPRefusal(401, "this token is not known here") }
            return Caller(scopes: anonymous, token: nil)
        }
        return Caller(scopes: tokens[found].scopes, token: found)
    }
}
