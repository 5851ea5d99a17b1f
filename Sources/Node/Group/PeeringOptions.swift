import Consensus
import Ledger
import Peers

/// Where a node meets its peers, and what it shows them.
public struct PeeringOptions: Sendable {
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 lets the system choose.
    public var port: Int
    /// The node's certificate, its key, and the authorities that it trusts.
    public var files: CertificateFiles
    /// Further banks that can be met before the ledger names them here, or elsewhere than it says.
    public var introductions = Introductions()

    /// Describes where peers are met.
    public init(host: String, port: Int, files: CertificateFiles) {
        self.host = host
        self.port = port
        self.files = files
    }
}
