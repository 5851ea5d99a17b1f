import Ledger

extension TokenLedger {
    func recordTransfer(_ amount: UInt128, of token: TokenID, from: Address, to: Address) {
        state.record(TokenEffectTag.transfer) {
            $0.write(token.rawValue)
            $0.write(from)
            $0.write(to)
            $0.write(amount)
        }
    }
}
