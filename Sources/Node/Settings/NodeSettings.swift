import Gateway
import Logging
import Peers

/// How a node is set up, as its operator writes it in a file.
///
/// - Source: `docs/formats/node-config.md`.
public struct NodeSettings: Sendable {
    /// The door for reads and signed transactions.
    public struct Door: Sendable, Equatable {
        /// Where it is.
        public var listen: ListenAddress
        /// PEM file with the server's certificate chain.
        public var certificate: String?
        /// PEM file with the certificate's private key.
        public var key: String?
        /// File with access tokens.
        public var tokens: String?
        /// Further names by which the node may be called.
        public var hosts: [String] = []
        /// Web pages' origins that may call.
        public var origins: [String] = []
        /// Proxies that say in each request's head whose it is.
        public var proxies: [AddressNetwork] = []
        /// How many transactions of one client may be refused at once, where that is said.
        public var refusalsAtOnce: Int?
        /// How many a second, where that is said.
        public var refusalsPerSecond: Int?
        /// Whether it may be reached from elsewhere although certificate or tokens are missing.
        public var isUnprotected = false

        /// A door without TLS and tokens.
        public init(listen: ListenAddress) { self.listen = listen }
    }

    /// The folder of the node's data.
    public var data: String
    /// The genesis file.
    public var genesis: String
    /// The file of the node's private key.
    public var keyFile: String
    /// The bank's number; nil where its key tells.
    public var bank: UInt64?
    /// The door for reads and signed transactions.
    public var rpc: Door
    /// Where the other banks' nodes are met; nil for a bank that is alone.
    public var peers: PeeringOptions?
    /// The socket file for administration; nil: `admin.sock` in the data folder.
    public var adminSocket: String?
    /// What is logged; nil: as the program does by itself.
    public var logLevel: Logger.Level?
    /// Records of state kept in memory; nil: as the program does by itself.
    public var cacheCells: Int?
    /// Blocks kept below the last one; nil: all.
    public var keepBlocks: UInt64?

    /// Settings without anything that may be left out.
    public init(data: String, genesis: String, keyFile: String, rpc: Door) {
        self.data = data
        self.genesis = genesis
        self.keyFile = keyFile
        self.rpc = rpc
    }

    /// Whether a text could be the path of something: not empty, and no byte that ends it early.
    static func isPath(_ text: String) -> Bool {
        (1...4096).contains(text.utf8.count) && !text.utf8.contains(0)
    }
}
