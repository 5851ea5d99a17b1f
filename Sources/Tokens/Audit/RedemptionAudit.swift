import Ledger

/// Looks through all redemptions for what must always hold: what is in flight is at 0x…d105, to the unit.
///
/// Costly, since it reads every redemption: for audits and tests.
public struct RedemptionAudit {
    private let tokens: TokenLedger

    /// Audits the redemptions of a ledger.
    public init(_ tokens: TokenLedger) { self.tokens = tokens }

    /// Adds to `sums` what some redemptions have in flight, by token.
    ///
    /// - Parameters:
    ///   - ids: redemptions that there are.
    ///   - sums: what others have.
    public func addInFlight(of ids: ClosedRange<UInt64>, to sums: inout [TokenID: UInt128]) {
        for id in ids {
            guard let redemption = tokens.peekRedemption(id), redemption.state.isInFlight else {
                continue
            }
            sums[redemption.token, default: 0] += redemption.amount
        }
    }

    /// Compares what is in flight, by token, with what 0x…d105 has.
    ///
    /// - Parameter sums: of all redemptions.
    /// - Returns: what does not add up, each fault in one line; empty if all is well.
    public func faults(inFlight sums: [TokenID: UInt128]) -> [String] {
        (0...tokens.count).compactMap { number in
            let token = TokenID(rawValue: number)
            let balance = tokens.balance(of: .banks, in: token)
            let inFlight = sums[token] ?? 0
            guard balance != inFlight else { return nil }
            return "token \(tokens.address(of: token)): redemptions of \(inFlight) are in flight, "
                + "0x…d105 has \(balance)"
        }
    }

    /// What does not hold of any redemption; empty if all is well.
    public func faults() -> [String] {
        var sums: [TokenID: UInt128] = [:]
        let count = tokens.redemptionCount
        if count > 0 { addInFlight(of: 1...count, to: &sums) }
        return faults(inFlight: sums)
    }
}
