import Execution
import Ledger
import Settlement
import Tokens

/// The Ethereum logs of effects, whichever module recorded them.
enum EffectLogs {
    /// The logs of one effect, in order; none for a tag that makes none.
    static func logs(tag: UInt8, payload: ArraySlice<UInt8>) -> [Log] {
        // What is stored was written by these modules; bytes that were not make no logs.
        if TokenEffectTag.all.contains(tag) {
            return (try? TokenLedger.logs(tag: tag, payload: payload)) ?? []
        }
        if SettlementEffectTag.all.contains(tag) {
            return (try? OrderBook.logs(tag: tag, payload: payload)) ?? []
        }
        if GovernanceEffectTag.all.contains(tag) {
            return (try? Governance.logs(tag: tag, payload: payload)) ?? []
        }
        if TemplateEffectTag.all.contains(tag) {
            return (try? TemplateEffect(tag: tag, payload: payload)).map { [$0.log] } ?? []
        }
        if EntityEffectTag.all.contains(tag) {
            return (try? EntityEffect(tag: tag, payload: payload)).map { [$0.log] } ?? []
        }
        if BankingEffectTag.all.contains(tag) {
            return (try? BankingEffect(tag: tag, payload: payload)).map { [$0.log] } ?? []
        }
        if EconomyEffectTag.all.contains(tag) {
            return (try? Economy.logs(tag: tag, payload: payload)) ?? []
        }
        return []
    }

    /// How many logs an effect makes; for the most frequent ones without making them.
    static func count(tag: UInt8, payload: ArraySlice<UInt8>) -> Int {
        switch tag {
        case TokenEffectTag.transfer, TokenEffectTag.fee, TokenEffectTag.approval: 1
        case TokenEffectTag.batch: max(payload.count - 24, 0) / 36
        case TokenEffectTag.issued:
            // Of each a Transfer and Issued, and Held where the flag at its start says so.
            stride(from: payload.startIndex + 4, to: payload.endIndex, by: 69)
                .reduce(0) { $0 + (payload[$1] == 0 ? 2 : 3) }
        case SettlementEffectTag.paid, SettlementEffectTag.paidHeld,
            SettlementEffectTag.paidToOrder:
            3
        default: logs(tag: tag, payload: payload).count
        }
    }

    /// All logs of a record's effects, in order.
    static func logs(of effects: ArraySlice<UInt8>) -> [Log] {
        var logs: [Log] = []
        for (tag, payload) in EffectReader(effects) {
            logs += Self.logs(tag: tag, payload: payload)
        }
        return logs
    }

    /// How many logs a record's effects make.
    static func count(of effects: ArraySlice<UInt8>) -> Int {
        var count = 0
        for (tag, payload) in EffectReader(effects) {
            count += Self.count(tag: tag, payload: payload)
        }
        return count
    }

    /// A number that is the same for effects whose logs have the same contracts and first topics; nil
    /// where that depends on more than the tag and the token.
    static func family(tag: UInt8, payload: ArraySlice<UInt8>) -> UInt64? {
        let tokenAt: Int
        switch tag {
        case TokenEffectTag.transfer, TokenEffectTag.batch, TokenEffectTag.approval: tokenAt = 0
        case TokenEffectTag.fee, SettlementEffectTag.paidToOrder: return UInt64(tag) << 32
        case SettlementEffectTag.paid, SettlementEffectTag.paidHeld: tokenAt = 10
        default: return nil
        }
        guard payload.count >= tokenAt + 4 else { return nil }
        let start = payload.startIndex + tokenAt
        let token = payload[start..<(start + 4)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return UInt64(tag) << 32 | token
    }
}
