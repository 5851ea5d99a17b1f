import Consensus
import Ledger
import Signing

/// Who this node is, where it listens, and what it bears.
public struct PeerConfiguration: Sendable {
    /// The own bank's number.
    public var id: NodeID
    /// The own bank's node key, which endorses its certificate.
    public var nodeKey: SigningKey
    /// The ledger's chain id.
    public var chainID: UInt64
    /// The ledger's genesis hash: nodes of different ledgers never talk.
    public var genesis: Hash32
    /// The address to listen on.
    public var host: String
    /// The port to listen on; 0 lets the system choose, see ``PeerNetwork/port``.
    public var port: Int
    /// The files for TLS.
    public var files: CertificateFiles
    /// What peers may cost.
    public var limits = PeerLimits()
    /// How long things may take.
    public var timeouts = PeerTimeouts()
    /// Event loops, 1 or 2; with two, the lanes do not wait for one another.
    public var threads = 2
    /// The time of day in seconds since 1970, by which certificates end; TLS has its own clock.
    var now: @Sendable () -> Int64 = { WallClock.seconds }
    /// Who knows the addresses of peers that are given by name.
    var finder: NameLookup.Finder = NameLookup.system

    /// Describes a node with the usual limits.
    public init(
        id: NodeID, nodeKey: SigningKey, chainID: UInt64, genesis: Hash32, host: String,
        port: Int, files: CertificateFiles
    ) {
        self.id = id
        self.nodeKey = nodeKey
        self.chainID = chainID
        self.genesis = genesis
        self.host = host
        self.port = port
        self.files = files
    }
}

/// Where a node finds its certificate and whom it trusts; all files are PEM.
public struct CertificateFiles: Sendable, Equatable {
    /// The node's certificate first, then those between it and an authority, if any.
    public var chain: String
    /// The certificate's private key, in a file of mode 0600.
    public var key: String
    /// The certificates of all authorities that are trusted, of every bank.
    public var authorities: String

    /// Names the three files.
    public init(chain: String, key: String, authorities: String) {
        self.chain = chain
        self.key = key
        self.authorities = authorities
    }
}

/// What peers may cost.
public struct PeerLimits: Sendable {
    /// Bytes of one frame, by lane.
    public var frameBytes: PerLane<Int> = PerLane(consensus: 72 << 20, bulk: 72 << 20)
    /// Bytes waiting to be sent on one lane to one peer; beyond, the connection is broken.
    public var queueBytes: PerLane<Int> = PerLane(consensus: 96 << 20, bulk: 64 << 20)
    /// Connections that have not yet said who they are: so many whose certificate has passed, and so many others.
    ///
    /// Beyond, the host with most of them loses its oldest, one with more than a few before those of a bank.
    public var strangers = 64

    /// The usual limits.
    public init() {}
}

/// How long things may take, in milliseconds.
public struct PeerTimeouts: Sendable {
    /// To connect.
    public var connectMillis: Int64 = 5_000
    /// From a connection's start until both have said who they are.
    public var helloMillis: Int64 = 5_000
    /// Between two signs of life on an idle connection.
    public var keepAliveMillis: Int64 = 1_000
    /// Without a sign of life until the receiving side closes a connection.
    public var silenceMillis: Int64 = 5_000
    /// Without any of the waiting bytes leaving until the sending side closes a connection.
    public var stuckMillis: Int64 = 10_000
    /// The shortest and the longest wait before dialing again.
    public var redialMillis: ClosedRange<Int64> = 50...2_000
    /// Between two looks at the certificate files.
    public var watchMillis: Int64 = 2_000
    /// For the bytes under way when a connection is renewed for a new certificate.
    public var drainMillis: Int64 = 2_000
    /// For a connection to end after its last words.
    public var farewellMillis: Int64 = 1_000

    /// The usual times.
    public init() {}
}

/// One value a lane.
public struct PerLane<Value> {
    private var values: [Value]

    /// Makes the pair.
    public init(consensus: Value, bulk: Value) { values = [consensus, bulk] }

    /// Makes each value.
    init(_ make: (Lane) -> Value) { values = Lane.allCases.map(make) }

    /// The lane's value.
    public subscript(lane: Lane) -> Value {
        get { values[lane.index] }
        set { values[lane.index] = newValue }
    }

    /// Both, the consensus lane's first.
    public var all: [Value] { values }
}

extension PerLane: Sendable where Value: Sendable {}
extension PerLane: Equatable where Value: Equatable {}
