import Ledger
import Tokens

extension OrderBook {
    /// Whether one of this module's contracts answers at an address: 0x…d102 and 0x…d103.
    public func answers(at address: Address) -> Bool {
        address == .orders || address == .claims
    }

    /// Executes a call of 0x…d102 or 0x…d103: functions and views, by selector.
    ///
    /// All or nothing but for the gas.
    ///
    /// - Returns: the ABI-encoded result.
    /// - Throws: ``Rejection/unknownContract(_:)``, ``Rejection/notPayable``,
    ///   ``Rejection/unknownSelector(_:)`` (0 where there is none), ``Rejection/outOfGas(limit:)``,
    ///   ``Rejection/badCalldata(_:)`` or ``Rejection/amountTooLarge(_:)`` of the arguments in their order;
    ///   then what the operation says.
    public func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard answers(at: call.to) else { throw .unknownContract(call.to) }
        guard call.value == 0 else { throw .notPayable }
        guard let selector = call.selector else { throw .unknownSelector(0) }
        try state.gas.charge(Gas.call)
        let mark = state.mark()
        do throws(Rejection) {
            if call.to == .orders {
                guard let function = IOrders.Function(rawValue: selector) else {
                    throw .unknownSelector(selector)
                }
                return try run(function, call)
            }
            guard let function = IClaims.Function(rawValue: selector) else {
                throw .unknownSelector(selector)
            }
            return try run(function, call)
        } catch {
            state.rollback(to: mark)
            throw error
        }
    }

    /// Charges for what an operation writes: so many entries of lists, each with one payment ahead.
    func charge(entries: Int) throws(Rejection) {
        try state.gas.charge(UInt64(entries) * (Gas.entry + Gas.payment))
    }
}
