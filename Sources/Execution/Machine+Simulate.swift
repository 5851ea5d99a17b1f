import Ledger
import Settlement
import Tokens

/// What a call would do.
public struct Simulation: Sendable {
    /// What it would return, or why it would be refused.
    public let result: Result<[UInt8], Rejection>
    /// The gas it would use, that of being a transaction included.
    public let gasUsed: UInt64
    /// Its framed effects; of a refused call those up to the refusal.
    public let effects: [UInt8]
    /// Who would pay the fee.
    public let feePayer: Address
}

extension Machine {
    /// Runs a call on top of the last block and undoes it.
    ///
    /// - Parameters:
    ///   - sender: as whom; nobody has to have signed the call.
    ///   - to: nil asks for a contract to be created, which is refused.
    ///   - value: DIP units that go along.
    ///   - data: the call.
    ///   - gasLimit: the most gas; at most a block's.
    ///   - now: the time to pretend, seconds; at least the last block's.
    /// - Returns: what it would return, use and do.
    public func simulate(
        sender: Address, to: Address?, value: UInt128, data: [UInt8], gasLimit: UInt64,
        now: UInt64
    ) -> Simulation {
        let context = state.block
        defer { state.block = context }
        // Written cells would carry the next height; the mark undoes that too.
        state.block.height = tip.height + 1
        state.block.now = max(now, tip.timeMillis / 1000)
        let mark = state.mark()
        defer { state.rollback(to: mark) }
        let effectsStart = state.effects.bytes.count
        let intrinsic = Transaction(
            chainID: genesis.chainID, nonce: 0, maxFeePerGas: rules.gasPrice, gasLimit: gasLimit,
            to: to, value: value, data: data
        ).intrinsicGas
        state.gas = GasMeter(limit: max(min(gasLimit, rules.blockGasLimit), intrinsic))
        var result: Result<[UInt8], Rejection>
        do throws(Rejection) {
            try state.gas.charge(intrinsic)
            result = .success(try perform(sender: sender, to: to, value: value, data: data[...]))
        } catch {
            result = .failure(error)
        }
        return Simulation(
            result: result, gasUsed: state.gas.used,
            effects: Array(state.effects.bytes[effectsStart...]),
            feePayer: fees.payer(of: sender, fee: UInt128(state.gas.used) * rules.gasPrice))
    }
}
