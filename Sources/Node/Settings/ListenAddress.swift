/// Where a node listens, as a person writes it: `127.0.0.1:8545`, `[::1]:8545`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name or an IP address, without brackets.
    public var host: String
    /// The port; 0 lets the system choose.
    public var port: Int

    /// Names a place.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[v6 address]:port`.
    /// - Returns: nil for any other form, or a port above 65535.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// As a person writes it.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
