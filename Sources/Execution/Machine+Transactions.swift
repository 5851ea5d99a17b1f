import Ledger
import Tokens

// One transaction after the other: admitted or skipped, carried out or refused, paid for.
extension Machine {
    /// Runs one transaction and writes its record.
    /// - Returns: the gas it used.
    func run(_ verified: VerifiedTransaction) -> UInt64 {
        let transaction = verified.transaction
        state.effects.removeAll()
        guard let reservation = admit(verified) else {
            records.append(.skipped)
            return 0
        }
        let mark = state.mark()
        var outcome = Outcome.done
        var output: [UInt8] = []
        do throws(Rejection) {
            output = try perform(
                sender: verified.sender, to: transaction.to, value: transaction.value,
                data: transaction.data)
            let bytes = records.byteCount + output.count + state.effects.bytes.count
            guard bytes <= recordBytesMax else {
                throw .outOfGas(limit: transaction.gasLimit)
            }
        } catch {
            state.rollback(to: mark)
            outcome = .refused
            output = error.revertData
        }
        let used = state.gas.used
        let fee = UInt128(used) * rules.gasPrice
        fees.settle(reservation, fee: fee)
        feesPaid &+= fee
        records.append(
            outcome, gasUsed: used,
            feePayer: reservation.payer == verified.sender ? nil : reservation.payer,
            output: output, effects: state.effects.bytes[...])
        state.adopt()
        return used
    }

    /// Takes the nonce and the cover for the fee, or nothing of it.
    ///
    /// No honest leader puts in more than a block's gas, but where the banks have lowered it meanwhile; what a
    /// dishonest one puts in would keep every node busy, and again at each start.
    ///
    /// - Returns: what was taken for the fee; nil if the transaction is to be skipped.
    private func admit(_ verified: VerifiedTransaction) -> Fees.Reservation? {
        let transaction = verified.transaction
        let intrinsic = transaction.intrinsicGas
        let slot = state.slot(TokenID.dip.balanceKey(verified.sender))
        guard transaction.maxFeePerGas >= rules.gasPrice, intrinsic <= transaction.gasLimit,
            transaction.gasLimit <= rules.blockGasLimit - gasAsked,
            state.cell(at: slot).nonce == transaction.nonce
        else { return nil }
        let (cover, overflow) = UInt128(transaction.gasLimit)
            .multipliedReportingOverflow(by: rules.gasPrice)
        guard !overflow, let reservation = fees.reserve(for: verified.sender, upTo: cover)
        else { return nil }
        gasAsked += transaction.gasLimit
        let cell = state.cell(at: slot)
        // The flags above the nonce stay: a nonce never comes near them.
        state.write(at: slot, amount: cell.amount, aux: cell.aux + 1)
        state.gas = GasMeter(limit: transaction.gasLimit)
        // Cannot be refused: the limit was just compared.
        try? state.gas.charge(intrinsic)
        return reservation
    }
}
