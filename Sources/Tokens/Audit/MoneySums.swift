import Ledger

/// Adds up every balance of a state, one cell after another, and finds what does not add up.
///
/// Costly for a large state, since it wants every cell: for audits and tests.
public struct MoneySums: Sendable {
    private var sums: [UInt32: UInt128] = [:]
    /// The spaces whose sum exceeds what an amount can be.
    private var overflown: [UInt32] = []

    /// Begins with nothing.
    public init() {}

    /// Adds a cell's amount; every cell must come once, in any order.
    public mutating func add(_ key: CellKey, _ amount: UInt128) {
        let (sum, overflow) = (sums[key.space] ?? 0).addingReportingOverflow(amount)
        sums[key.space] = sum
        if overflow { overflown.append(key.space) }
    }

    /// The sum of all balances of a token.
    public func balances(of token: TokenID) -> UInt128 { sums[token.rawValue] ?? 0 }

    /// The sum of all payouts in a token that are held back for somebody.
    public func held(in token: TokenID) -> UInt128 { sums[token.rawValue | Self.heldBit] ?? 0 }

    private static let heldBit: UInt32 = 0x8000_0000

    /// Compares the sums with what the money of the same state says of itself.
    ///
    /// - Parameter tokens: the money of the same state.
    /// - Returns: what does not add up, each fault in one line; empty if all is well.
    public func faults(_ tokens: TokenLedger) -> [String] {
        var faults: [String] = []
        for space in overflown.sorted() { faults.append("space \(space) holds more than 2^128") }
        for space in sums.keys.sorted() where space & ~Self.heldBit > tokens.count {
            faults.append("space \(space) is of no token")
        }
        for number in 0...tokens.count {
            let token = TokenID(rawValue: number)
            let supply = tokens.supply(of: token)
            let balances = balances(of: token)
            if balances != supply {
                faults.append(
                    "token \(tokens.address(of: token)): its supply is \(supply), "
                        + "all balances are \(balances)")
            }
            let escrow = tokens.balance(of: .orders, in: token)
            let held = held(in: token)
            if held > escrow {
                faults.append(
                    "token \(tokens.address(of: token)): \(held) are held back for payees, "
                        + "0x…d102 has \(escrow)")
            }
        }
        return faults
    }
}
