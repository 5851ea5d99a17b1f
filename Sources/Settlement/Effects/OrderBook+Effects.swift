import Ledger
import Tokens

extension OrderBook {
    /// Notes an effect of the running transaction.
    func record(_ effect: SettlementEffect) {
        state.record(effect.tag) { effect.write(to: &$0) }
    }

    /// Notes a payment of a line to an account.
    @inline(__always)
    func recordPaid(
        _ order: Order, line: Int, to payee: Address, _ amount: UInt128, isHeld: Bool
    ) {
        state.record(isHeld ? SettlementEffectTag.paidHeld : SettlementEffectTag.paid) {
            $0.write(order.id)
            $0.write(UInt16(truncatingIfNeeded: line))
            $0.write(order.fixed.token.rawValue)
            $0.write(payee)
            $0.write(compact: amount)
        }
    }

    /// Notes a payment of a line to an order.
    @inline(__always)
    func recordPaid(_ order: UInt64, line: Int, toOrder child: UInt64, _ amount: UInt128) {
        state.record(SettlementEffectTag.paidToOrder) {
            $0.write(order)
            $0.write(UInt16(truncatingIfNeeded: line))
            $0.write(child)
            $0.write(compact: amount)
        }
    }
}
