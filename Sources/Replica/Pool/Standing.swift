import Execution
import Ledger
import Tokens

/// What the pool must know of an account before it takes a transaction.
public struct Standing: Sendable {
    /// The height of the block after which it was read.
    public var height: UInt64
    /// The nonce of the account's next transaction, by the last executed block.
    public var nonce: UInt64
    /// The account's DIP, by the last executed block.
    public var balance: UInt128
    /// Who would pay a fee of the largest size that the transaction allows.
    public var feePayer: Address
    /// The DIP of that payer, or what is left of its grant if that is less.
    public var feeCover: UInt128

    /// Describes an account.
    public init(
        height: UInt64, nonce: UInt64, balance: UInt128, feePayer: Address, feeCover: UInt128
    ) {
        self.height = height
        self.nonce = nonce
        self.balance = balance
        self.feePayer = feePayer
        self.feeCover = feeCover
    }
}

extension Machine {
    /// What the pool must know of a transaction's sender.
    package func standing(of verified: VerifiedTransaction) -> Standing {
        let cell = state.peek(TokenID.dip.balanceKey(verified.sender))
        var standing = standing(of: verified, payingItself: cell)
        guard cell.namesFeePayer else { return standing }
        let (fee, overflow) = UInt128(verified.transaction.gasLimit)
            .multipliedReportingOverflow(by: rules.gasPrice)
        guard !overflow else { return standing }
        let payer = fees.payer(of: verified.sender, fee: fee)
        if payer != verified.sender {
            standing.feePayer = payer
            standing.feeCover = tokens.balance(of: payer, in: .dip)
        }
        return standing
    }

    /// The same without reading anything from a disk; nil where that would take it.
    package func standingInMemory(of verified: VerifiedTransaction) -> Standing? {
        guard let cell = state.peekInMemory(TokenID.dip.balanceKey(verified.sender)),
            !cell.namesFeePayer
        else { return nil }
        return standing(of: verified, payingItself: cell)
    }

    private func standing(of verified: VerifiedTransaction, payingItself cell: Cell) -> Standing {
        Standing(
            height: tip.height, nonce: cell.nonce, balance: cell.amount, feePayer: verified.sender,
            feeCover: cell.amount)
    }
}
