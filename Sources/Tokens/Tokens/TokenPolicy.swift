import Ledger

/// What every payment must know of a token, in one byte.
struct TokenPolicy: Hashable, Sendable {
    private let bits: UInt8

    /// Of a token that was not read yet.
    init() { bits = 0 }

    init(_ record: TokenRecord) {
        bits =
            1 | (record.isPaused ? 2 : 0) | (record.controls.contains(.allowList) ? 4 : 0)
            | (record.controls.contains(.freeze) ? 8 : 0) | (record.isDeposit ? 16 : 0)
            | (record.isAccepted ? 32 : 0)
    }

    @inline(__always) var isLoaded: Bool { bits & 1 != 0 }
    @inline(__always) var isPaused: Bool { bits & 2 != 0 }
    @inline(__always) var hasAllowList: Bool { bits & 4 != 0 }
    /// Whether a bank makes and destroys it; payouts of orders may then set off redemptions.
    @inline(__always) var isDeposit: Bool { bits & 16 != 0 }
    /// Whether other banks take it at par, so that payouts of orders may be converted.
    @inline(__always) var isAccepted: Bool { bits & 32 != 0 }
    /// Whether an account's flags can matter at all.
    @inline(__always) var hasFlags: Bool { bits & 12 != 0 }

    /// Why an account with these flags may neither send nor receive, nil where it may.
    @inline(__always)
    func refusal(of account: Address, _ cell: Cell) -> Rejection? {
        guard hasFlags else { return nil }
        if cell.isFrozen { return .accountFrozen(account) }
        if hasAllowList, !cell.isAllowed, !account.isNativeContract {
            return .accountNotAllowed(account)
        }
        return nil
    }
}

/// The flags of an issued token's cell. In DIP's cells these bits belong to the nonce.
extension Cell {
    static var frozenBit: UInt64 { 1 }
    static var allowedBit: UInt64 { 2 }
    /// Payouts of orders in this deposit token turn into redemptions; an object 4c exists.
    static var redeemsBit: UInt64 { 4 }
    /// The account is the operator of a bank that took the token at par, and does nothing with it but redeem it.
    static var takenAtParBit: UInt64 { 8 }

    @inline(__always) var isFrozen: Bool { aux & Self.frozenBit != 0 }
    @inline(__always) var isAllowed: Bool { aux & Self.allowedBit != 0 }
    @inline(__always) var redeems: Bool { aux & Self.redeemsBit != 0 }
    @inline(__always) var isTakenAtPar: Bool { aux & Self.takenAtParBit != 0 }
}
