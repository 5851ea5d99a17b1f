import Ledger
import Tokens

extension Machine {
    /// Says that these transactions are about to be run or admitted: the processor fetches the cells of their
    /// senders, and of whom they send DIP, from memory meanwhile.
    ///
    /// - Parameter transactions: so few that all of that fits into the nearest cache; some hundreds.
    public func expect(_ transactions: some Collection<VerifiedTransaction>) {
        var keys = ContiguousArray<CellKey>()
        keys.reserveCapacity(2 * transactions.count)
        for verified in transactions {
            keys.append(TokenID.dip.balanceKey(verified.sender))
            if verified.transaction.value > 0, let payee = verified.transaction.to {
                keys.append(TokenID.dip.balanceKey(payee))
            }
        }
        state.expect(keys)
    }
}
