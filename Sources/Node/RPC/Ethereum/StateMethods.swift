import Execution
import Gateway
import JSON
import Ledger
import Tokens

/// Balances, nonces, code, and calls that only ask.
extension RPCMethods {
    mutating func addState(_ context: RPCContext) {
        let node = context.node
        offloaded("eth_getBalance") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let key = TokenID.dip.balanceKey(try params.address(0, "address"))
            writer.quantity(try context.cell(key, try params.block(1)).amount)
        }
        offloaded("eth_getTransactionCount") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let account = try params.address(0, "address")
            let selector = try params.block(1)
            // The pool first: what a block takes out of it meanwhile is in the state by then. The other way round
            // it would be in neither, and the wallet would sign the same nonce again.
            let pending = selector == .pending ? node.pendingNonce(of: account) ?? 0 : 0
            let nonce = try context.cell(TokenID.dip.balanceKey(account), selector).nonce
            writer.quantity(max(nonce, pending))
        }
        offloaded("eth_getCode") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let address = try params.address(0, "address")
            try context.needsBlock(try params.block(1))
            // 0xfe is an opcode that is never valid: there is code, but none for an EVM.
            let isContract = context.reading { $0.isContract(address) }
            writer.data(isContract ? [0xfe] : [])
        }
        offloaded("eth_getStorageAt") { (request, writer) throws(RPCError) in
            let params = try request.params()
            _ = try params.address(0, "address")
            try params.storageKey(1, "slot")
            try context.needsBlock(try params.block(2))
            writer.data(Hash32.zero.bytes)
        }
        offloaded("eth_call") { (request, writer) throws(RPCError) in
            writer.data(try context.call(try request.params()))
        }
        offloaded("eth_estimateGas") { (request, writer) throws(RPCError) in
            writer.quantity(try context.estimate(try request.params()))
        }
    }
}

extension RPCParams {
    /// Checks that a slot, if there is one, is a number or data of at most 256 bits.
    fileprivate func storageKey(_ index: Int, _ name: String) throws(RPCError) {
        guard let json = find(index, name), json.unsigned == nil else { return }
        guard let digits = json.string, digits.hasPrefix("0x"), digits.utf8.count <= 66,
            digits.dropFirst(2).utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
        else { throw wrong(index, name, "a quantity or data of at most 32 bytes") }
    }
}

extension RPCContext {
    // MARK: Calls

    fileprivate func call(_ params: RPCParams) throws(RPCError) -> [UInt8] {
        let call = try CallParameter(try params.need(0, "call"), "call")
        let selector = try params.block(1)
        try refuseOverrides(params)
        if let balance = try pastBalance(call, selector) {
            return Hash32(word: balance).bytes
        }
        let now = now
        let simulation = try readingLatest(selector) {
            $0.simulate([call.simulated(gasLimit: limits.callGas)], now: now)[0]
        }
        switch simulation.result {
        case .success(let output): return output
        case .failure(.outOfGas(let limit)):
            throw RPCError(code: -32000, message: "out of gas: the call may use \(limit)")
        case .failure(let rejection): throw Refusal(rejection).error
        }
    }

    /// What `balanceOf` of DIP or a token said at an older block; nil for every other call.
    private func pastBalance(
        _ call: CallParameter, _ selector: BlockSelector
    ) throws(RPCError) -> UInt128? {
        guard selector != .latest, selector != .pending, call.data.count == 36,
            call.data.starts(with: [0x70, 0xa0, 0x82, 0x31]), let to = call.to,
            let account = Hash32(call.data[4...])?.address,
            let token = reading({ $0.tokens.find(to) })
        else { return nil }
        return try cell(token.balanceKey(account), selector).amount
    }

    /// Refuses a block that is not there, or not there yet.
    fileprivate func needsBlock(_ selector: BlockSelector) throws(RPCError) {
        let height = try height(selector)
        guard height <= node.head.header.height else { throw unknown(selector) }
    }

    /// Runs `body` with the machine, which is on top of the last block only.
    ///
    /// - Throws: -32000 if another block was asked for, also where that was the last one until this moment.
    private func readingLatest<Value>(
        _ selector: BlockSelector, _ body: (Machine) -> Value
    ) throws(RPCError) -> Value {
        guard selector != .latest, selector != .pending else { return reading(body) }
        let height = try height(selector)
        let (last, value) = reading { machine in
            let last = machine.tip.height
            return (last, last == height ? body(machine) : nil)
        }
        if let value { return value }
        if height > last { throw unknown(selector) }
        throw RPCError(
            code: -32000,
            message: "the state of block \(height) is not kept for calls: the last block is "
                + "\(last). Balances and nonces of every block are kept; ask for those, or call "
                + "with \"latest\"")
    }

    private func refuseOverrides(_ params: RPCParams) throws(RPCError) {
        guard params.find(2, "stateOverrides") == nil else {
            throw .invalidParams("state overrides are not offered; use dip_simulate with a list")
        }
    }

    // MARK: Gas

    /// What a call's cost may grow by until it is executed, as a share of it.
    ///
    /// A payment's cascade is as long as the orders that it meets then.
    private static let cascadeMargin: UInt64 = 4

    fileprivate func estimate(_ params: RPCParams) throws(RPCError) -> UInt64 {
        let call = try CallParameter(try params.need(0, "call"), "call")
        let selector = try params.block(1)
        try refuseOverrides(params)
        let now = now
        let (simulation, isContract, standing, blockGas) = try readingLatest(selector) { machine in
            let simulation = machine.simulate([call.simulated(gasLimit: limits.callGas)], now: now)[
                0]
            return (
                simulation, call.to.map(machine.isContract) ?? true,
                machine.tokens.balance(of: simulation.feePayer, in: .dip),
                machine.rules.blockGasLimit
            )
        }
        if case .failure(let rejection) = simulation.result {
            throw Self.error(rejection, isContract: isContract)
        }
        var gas = simulation.gasUsed
        if call.to == .orders || call.to == .claims || call.to == .batch {
            gas = min(gas + gas / Self.cascadeMargin, max(blockGas, gas))
        }
        if let limit = call.gas, gas > limit { gas = max(limit, simulation.gasUsed) }
        try checkFunds(call, gas, payer: simulation.feePayer, balance: standing)
        return gas
    }

    private static func error(_ rejection: Rejection, isContract: Bool) -> RPCError {
        switch rejection {
        case .outOfGas(let limit):
            RPCError(code: -32000, message: "gas required exceeds allowance (\(limit))")
        case .erc20InsufficientBalance(let account, let balance, let needed) where !isContract:
            // The words that wallets know for a plain payment.
            RPCError(
                code: -32000,
                message: "insufficient funds for gas * price + value: \(account) has \(balance), "
                    + "\(needed) needed (units of 10^-18 DIP)")
        default: Refusal(rejection).error
        }
    }

    /// Whoever offers a price must be able to pay it.
    private func checkFunds(
        _ call: CallParameter, _ gas: UInt64, payer: Address, balance: UInt128
    ) throws(RPCError) {
        guard let price = call.price, price > 0 else { return }
        let (fee, overflow) = UInt128(gas).multipliedReportingOverflow(by: price)
        let own = payer == call.from ? call.value : 0
        let (needed, carry) = fee.addingReportingOverflow(own)
        guard overflow || carry || needed > balance else { return }
        throw RPCError(
            code: -32000,
            message: "insufficient funds for gas * price + value: \(payer) has \(balance), "
                + "\(overflow || carry ? "more than 2^128" : String(needed)) needed "
                + "(units of 10^-18 DIP)")
    }
}
