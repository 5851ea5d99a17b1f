import Ledger

extension TokenLedger {
    /// Executes a call of 0x…d100, 0x…d101 or a token: functions and views, by selector.
    ///
    /// All or nothing but for the gas, which is charged before the work.
    ///
    /// - Returns: the ABI-encoded result.
    /// - Throws: ``Rejection/unknownContract(_:)``, ``Rejection/notPayable``,
    ///   ``Rejection/unknownSelector(_:)`` (0 where there is none), ``Rejection/outOfGas(limit:)``,
    ///   ``Rejection/badCalldata(_:)`` or ``Rejection/amountTooLarge(_:)`` of the arguments in their
    ///   order; then what the operation says.
    public func call(_ call: Call) throws(Rejection) -> [UInt8] {
        let token = find(call.to)
        guard token != nil || call.to == .tokens else { throw .unknownContract(call.to) }
        guard call.value == 0 else { throw .notPayable }
        guard let selector = call.selector else { throw .unknownSelector(0) }
        try state.gas.charge(Gas.call)
        guard let token else {
            guard let function = FactoryFunction(rawValue: selector) else {
                throw .unknownSelector(selector)
            }
            return try run(function, call)
        }
        if let function = MoneyFunction(rawValue: selector) {
            return try run(function, of: token, call)
        }
        if token == .dip, let function = FeeFunction(rawValue: selector) {
            return try run(function, call)
        }
        if token != .dip, let function = ControlFunction(rawValue: selector) {
            return try run(function, of: token, call)
        }
        if token != .dip, let view = ControlView(rawValue: selector) {
            return try run(view, of: token, call)
        }
        throw .unknownSelector(selector)
    }
}
