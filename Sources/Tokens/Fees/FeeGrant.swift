import Ledger

/// What one account lets another spend of its DIP on fees.
public struct FeeGrant: Hashable, Sendable {
    /// How much is left, in DIP units.
    public internal(set) var left: UInt128
    /// The last second at which it may be used.
    public let expiry: UInt64

    init(left: UInt128, expiry: UInt64) {
        self.left = left
        self.expiry = expiry
    }

    /// Whether it may be used at a time; it still may at `expiry` itself.
    public func isValid(at now: UInt64) -> Bool { now <= expiry }

    init(stored bytes: [UInt8]) {
        self = believed(bytes) {
            FeeGrant(left: try $0.read(), expiry: try $0.read())
        }
    }

    var bytes: [UInt8] {
        Tokens.bytes {
            $0.write(left)
            $0.write(expiry)
        }
    }
}
