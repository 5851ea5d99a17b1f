import Ledger
import Tokens

extension OrderBook {
    /// Pays into an order's escrow, and sets off what follows.
    ///
    /// - Parameters:
    ///   - id: the order.
    ///   - amount: in the token's smallest unit; nil for all that is outstanding.
    ///   - by: who pays.
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `zeroAmount`, `overfunded`, then the token's
    ///   refusals; ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    public func fund(order id: UInt64, amount: UInt128?, by: Address) throws(Rejection) {
        let order = try order(id)
        let outstanding = order.head.outstanding
        let amount = amount ?? outstanding
        guard amount > 0 else { throw .zeroAmount }
        guard amount <= outstanding else { throw .overfunded(outstanding: outstanding) }
        try checkPayment(amount, of: order.fixed.token, from: by)
        willChangeHead(order)
        tokens.move(amount, of: order.fixed.token, from: by, to: .orders)
        order.head.funded += amount
        record(.funded(order: id, token: order.fixed.token, from: by, amount: amount))
        try chargedCascade(from: order)
    }

    /// Checks what a token's own transfer would check of a payment into escrow.
    func checkPayment(
        _ amount: UInt128, of token: TokenID, from payer: Address
    ) throws(Rejection) {
        let balance = tokens.balance(of: payer, in: token)
        guard balance >= amount else {
            throw .erc20InsufficientBalance(sender: payer, balance: balance, needed: amount)
        }
        try tokens.checkPaying(payer, in: token)
    }
}
