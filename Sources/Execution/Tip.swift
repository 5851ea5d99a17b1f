import Ledger

/// The last executed block, as far as the next one builds on it.
public struct Tip: Hashable, Sendable {
    /// Its height; genesis is 0.
    public var height: UInt64
    /// The hash of its header.
    public var header: Hash32
    /// The hash of its body; of genesis, the genesis hash.
    public var body: Hash32
    /// The chained state hash.
    public var stateHash: Hash32
    /// Its time, milliseconds since 1970.
    public var timeMillis: UInt64

    /// Makes a tip.
    public init(
        height: UInt64, header: Hash32, body: Hash32, stateHash: Hash32, timeMillis: UInt64
    ) {
        self.height = height
        self.header = header
        self.body = body
        self.stateHash = stateHash
        self.timeMillis = timeMillis
    }

    /// The tip that a header makes.
    public init(_ header: Header) {
        self.init(
            height: header.height, header: header.hash, body: header.body,
            stateHash: header.stateHash, timeMillis: header.timeMillis)
    }
}
