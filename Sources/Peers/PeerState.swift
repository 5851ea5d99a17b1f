import Consensus
import Ledger

/// How it stands with one peer.
public struct PeerState: Sendable {
    /// The bank's number.
    public var id: NodeID
    /// Where it is dialed, `host:port`.
    public var endpoint: String
    /// The certificate that it presented last and that passed all checks.
    public var certificate: CertificateFacts?
    /// Why a connection to it was refused, ended or not made, the last time; by either side.
    public var dialedRefusal: PeerRefusal?
    /// Why a connection from it was refused or ended, the last time; by either side.
    public var acceptedRefusal: PeerRefusal?
    /// Both lanes.
    public var lanes: PerLane<LaneState>

    /// The later one of both refusals.
    public var lastRefusal: PeerRefusal? {
        guard let dialedRefusal, let acceptedRefusal else {
            return dialedRefusal ?? acceptedRefusal
        }
        return dialedRefusal.timeMillis < acceptedRefusal.timeMillis
            ? acceptedRefusal : dialedRefusal
    }

    /// Whether frames can be sent on all lanes.
    public var isConnected: Bool { lanes.all.allSatisfy { $0.sendingSince != nil } }
}

/// How it stands with one lane of one peer.
public struct LaneState: Sendable, Equatable {
    /// Since when frames can be sent, in milliseconds since 1970; nil if they cannot.
    public var sendingSince: UInt64?
    /// Since when the peer's own connection is there, in milliseconds since 1970.
    public var receivingSince: UInt64?
    /// Bytes of frames that wait to be sent.
    public var queuedBytes = 0
    /// The kernel's estimate of the way there and back, in microseconds.
    public var roundTripMicros: UInt32?
    /// Frames that were handed to the kernel since the start, and their bytes.
    public var sentFrames: UInt64 = 0
    /// See ``sentFrames``.
    public var sentBytes: UInt64 = 0
    /// Frames that were received since the start, and their bytes.
    public var receivedFrames: UInt64 = 0
    /// See ``receivedFrames``.
    public var receivedBytes: UInt64 = 0
    /// Frames that were dropped because there was no connection, or with one that broke.
    public var droppedFrames: UInt64 = 0
    /// How often the peer was dialed.
    public var dials: UInt64 = 0
}
