import Ledger
import Tokens

/// What keeps a decision from being the last one.
extension Governance {
    /// The gas with which a bank can propose and vote several times: a vote takes 40,000, a proposal with the most
    /// data 180,000.
    public static let decidingGas: UInt64 = 1_000_000

    /// Why the price of gas is not raised to an amount, nil where it may be.
    ///
    /// Votes are paid for like everything else. At a price that more than half of the banks cannot pay nobody could
    /// vote for a lower one, nor for a payment of the treasury. Only what a bank's operator has itself counts: who
    /// pays its fees may end that at once, and may pay those of several banks with one balance.
    func refusal(toRaisePriceTo price: UInt128) -> String? {
        guard price > rules.gasPrice else { return nil }
        // The price is at most 10^15, so that the product stays far below 2^128.
        let cost = price * UInt128(Self.decidingGas)
        let able = bankSet.banks.count { tokens.balance(of: $0.operator, in: .dip) >= cost }
        guard 2 * able <= bankSet.banks.count else { return nil }
        return
            "only \(able) of \(bankSet.banks.count) banks have what votes would cost, \(cost) units of DIP for "
            + "\(Self.decidingGas) gas with each operator; more than half must, to lower it again"
    }

    /// Why a protocol version is not activated from a height on, nil where it may be; ``VersionSchedule`` says the rest.
    func refusal(toActivate version: UInt16, from height: UInt64) -> String? {
        let last = versions.entries.last?.version ?? VersionSchedule.first
        guard version > last else {
            return "version \(version) or a later one was activated already"
        }
        // The last number there is would leave none for any later program.
        guard version - last <= Self.versionsSkippedMax else {
            return "version: at most \(Self.versionsSkippedMax) above \(last), the last one"
        }
        guard height <= state.block.height + Self.versionAheadMax else {
            return "height: at most \(Self.versionAheadMax) blocks from now for a version"
        }
        return nil
    }
}
