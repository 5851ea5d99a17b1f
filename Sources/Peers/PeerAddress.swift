import Consensus
import Ledger

/// Another bank's node: who it must prove to be, and where it listens.
public struct PeerAddress: Sendable, Equatable {
    /// The bank's number in the bank set.
    public var id: NodeID
    /// The account of the bank's node key, which endorses its certificate.
    public var nodeKey: Address
    /// A name or an IP address.
    public var host: String
    /// Its port for peers, 1 to 65535.
    public var port: Int

    /// Describes a peer.
    public init(id: NodeID, nodeKey: Address, host: String, port: Int) {
        self.id = id
        self.nodeKey = nodeKey
        self.host = host
        self.port = port
    }

    /// Describes a peer by its endpoint, `host:port` or `[v6 address]:port`.
    /// - Returns: nil if the endpoint has another form or the port is not from 1 to 65535.
    public init?(id: NodeID, nodeKey: Address, endpoint: String) {
        guard let colon = endpoint.lastIndex(of: ":"),
            let port = UInt16(endpoint[endpoint.index(after: colon)...]), port > 0
        else { return nil }
        var host = endpoint[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(id: id, nodeKey: nodeKey, host: String(host), port: Int(port))
    }

    /// The endpoint as a person writes it.
    public var endpoint: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
