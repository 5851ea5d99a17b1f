/// What an operation may know of the block that it is in.
public struct BlockContext: Sendable {
    /// The block's height; genesis is 0.
    public var height: UInt64
    /// The block's time in whole seconds since 1970; while a timer fires, that timer's time.
    public var now: UInt64
    /// The ledger's chain id, part of every signature.
    public var chainID: UInt64
    /// DIP units a unit of gas costs, the same for everybody.
    public var gasPrice: UInt128
    /// Payments that one transaction makes inline before its cascade goes on in later blocks.
    public var stepLimit: Int
    /// How long a redemption waits for its bank before it returns by itself, in seconds.
    public var redemptionDeadline: UInt64

    /// Makes a context.
    public init(
        height: UInt64, now: UInt64 = 0, chainID: UInt64 = 3355, gasPrice: UInt128 = 0,
        stepLimit: Int = 20_000, redemptionDeadline: UInt64 = 259_200
    ) {
        self.height = height
        self.now = now
        self.chainID = chainID
        self.gasPrice = gasPrice
        self.stepLimit = stepLimit
        self.redemptionDeadline = redemptionDeadline
    }
}

/// Counts the gas of one transaction.
@frozen
public struct GasMeter: Sendable {
    /// The most that may be used.
    public let limit: UInt64
    /// What was used so far, at most the limit.
    public private(set) var used: UInt64 = 0

    /// Starts at nothing used.
    public init(limit: UInt64) { self.limit = limit }

    /// Uses gas.
    /// - Throws: ``Rejection/outOfGas(limit:)`` if less than that is left; then all of it is used.
    public mutating func charge(_ amount: UInt64) throws(Rejection) {
        guard amount <= limit - used else {
            used = limit
            throw .outOfGas(limit: limit)
        }
        used += amount
    }
}
