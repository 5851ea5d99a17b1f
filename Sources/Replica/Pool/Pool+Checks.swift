import Execution
import Ledger

// What a transaction must be for the pool to take it.
extension Pool {
    /// What it means to the pool that it took a transaction.
    package enum Place: Sendable {
        /// It can be executed, as far as the pool knows.
        case ready
        /// It waits for a nonce that is missing.
        case behindGap
        /// It has replaced another one, which was looked at in vain.
        case ofAnother
    }

    /// Says why a transaction is refused whoever sent it.
    ///
    /// - Parameters:
    ///   - transaction: its fields.
    ///   - price: the price of gas.
    ///   - blockGas: the gas of a block.
    /// - Returns: nil if nothing is wrong with it by itself.
    package static func refusal(
        of transaction: Transaction, price: UInt128, blockGas: UInt64
    ) -> PoolRefusal? {
        guard transaction.to != nil else { return .contractCreation }
        guard transaction.maxFeePerGas >= price else {
            return .gasPriceTooLow(offered: transaction.maxFeePerGas, price: price)
        }
        let intrinsic = transaction.intrinsicGas
        guard transaction.gasLimit >= intrinsic else {
            return .gasLimitTooLow(given: transaction.gasLimit, needed: intrinsic)
        }
        guard transaction.gasLimit <= blockGas else {
            return .gasLimitTooHigh(given: transaction.gasLimit, block: blockGas)
        }
        return nil
    }

    /// Checks what a transaction may cost, and send, against what there is.
    ///
    /// - Throws: the first refusal.
    func check(
        _ transaction: Transaction, of sender: Address, standing: Standing, price: UInt128,
        blockGas: UInt64
    ) throws(PoolRefusal) {
        if let refusal = Self.refusal(of: transaction, price: price, blockGas: blockGas) {
            throw refusal
        }
        let fee = UInt128(transaction.gasLimit).multipliedReportingOverflow(by: price)
        guard !fee.overflow, standing.feeCover >= fee.partialValue else {
            throw .insufficientFunds(
                account: standing.feePayer, balance: standing.feeCover,
                needed: fee.overflow ? .max : fee.partialValue)
        }
        // What it sends is checked here too: a wallet then learns at once what the ledger would only say
        // after taking the fee.
        let own = standing.feePayer == sender ? fee.partialValue : 0
        let (needed, overflow) = transaction.value.addingReportingOverflow(own)
        guard !overflow, standing.balance >= needed || transaction.value == 0 else {
            throw .insufficientFunds(
                account: sender, balance: standing.balance, needed: overflow ? .max : needed)
        }
    }

    /// Checks that a transaction may take the place of one with its nonce: it offers more than a tenth more.
    ///
    /// - Throws: the first refusal.
    func checkReplacement(
        of old: Waiting, by new: Transaction
    ) throws(PoolRefusal) {
        guard !old.isOrdered else { throw .nonceBeingOrdered(new.nonce) }
        let offered = old.transaction.transaction.maxFeePerGas
        let (tenth, overflow) = offered.addingReportingOverflow(offered / 10 + 1)
        let needed = overflow ? UInt128.max : tenth
        guard new.maxFeePerGas >= needed else {
            throw .replacementUnderpriced(offered: new.maxFeePerGas, needed: needed)
        }
    }
}
