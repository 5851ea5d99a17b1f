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

/// A call that nobody signed, to be tried.
public struct SimulatedCall: Sendable {
    /// As whom.
    public var sender: Address
    /// Whom; nil asks for a contract to be created, which is refused.
    public var to: Address?
    /// DIP units that go along.
    public var value: UInt128
    /// The call's bytes.
    public var data: [UInt8]
    /// The most gas; at most a block's.
    public var gasLimit: UInt64

    /// Describes a call.
    public init(
        sender: Address, to: Address?, value: UInt128, data: [UInt8], gasLimit: UInt64
    ) {
        self.sender = sender
        self.to = to
        self.value = value
        self.data = data
        self.gasLimit = gasLimit
    }
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
        let call = SimulatedCall(
            sender: sender, to: to, value: value, data: data, gasLimit: gasLimit)
        return simulate([call], now: now)[0]
    }

    /// Runs calls one after another on top of the last block and undoes them all.
    ///
    /// Each is a transaction of its own, all of them in one block. No fees are taken. A refused call leaves no trace for
    /// those after it.
    ///
    /// - Parameters:
    ///   - calls: in order.
    ///   - now: the time to pretend, seconds; at least the last block's.
    /// - Returns: for each what it would return, use and do.
    public func simulate(_ calls: [SimulatedCall], now: UInt64) -> [Simulation] {
        let context = state.block
        defer { state.block = context }
        // Written cells would carry the next height; the mark undoes that too.
        state.block.height = tip.height + 1
        state.block.now = max(now, tip.timeMillis / 1000)
        orders.begin(budget: unpaidPayments)
        let mark = state.mark()
        defer {
            state.rollback(to: mark)
            // What readers ask for must not fill the memory of a ledger that makes no blocks.
            state.trim()
        }
        return calls.map(simulateNext)
    }

    private func simulateNext(_ call: SimulatedCall) -> Simulation {
        let effectsStart = state.effects.bytes.count
        let intrinsic = Transaction(
            chainID: genesis.chainID, nonce: 0, maxFeePerGas: rules.gasPrice,
            gasLimit: call.gasLimit, to: call.to, value: call.value, data: call.data
        ).intrinsicGas
        state.gas = GasMeter(limit: max(min(call.gasLimit, rules.blockGasLimit), intrinsic))
        orders.beginTransaction()
        let mark = state.mark()
        var result: Result<[UInt8], Rejection>
        do throws(Rejection) {
            try state.gas.charge(intrinsic)
            result = .success(
                try perform(
                    sender: call.sender, to: call.to, value: call.value, data: call.data[...]))
        } catch {
            result = .failure(error)
        }
        let effects = Array(state.effects.bytes[effectsStart...])
        if case .failure = result { state.rollback(to: mark) }
        return Simulation(
            result: result, gasUsed: state.gas.used, effects: effects,
            feePayer: fees.payer(
                of: call.sender, fee: UInt128(state.gas.used) * rules.gasPrice))
    }
}
