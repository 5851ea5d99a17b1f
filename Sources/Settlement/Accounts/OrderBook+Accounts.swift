import Ledger

extension OrderBook {
    /// Whether an account lets others set off its due debts and claims.
    public func consents(_ account: Address) -> Bool { state.object(ck(account)) != nil }

    /// Lets others set off an account's due debts and claims, or no longer.
    public func setConsent(_ isOn: Bool, by: Address) {
        state.setObject(ck(by), isOn ? [1] : nil)
    }
    private func ck(_ a: Address) -> [UInt8] { [0x16] + a.bytes }

    func indexParties(of order: Order) {}
    func joined(_ account: Address, _ order: Order) {}
    func joined(_ account: Address, _ order: Order, line: UInt16) {}
}
