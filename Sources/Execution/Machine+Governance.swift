import Ledger

extension Machine {
    /// Answers what governance can be asked: the rules in force and the banks.
    func governance(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        var reader = ABIReader(call.arguments)
        var writer = ABIWriter(words: 1)
        switch IGovernance.Function(rawValue: selector) {
        case .parameter:
            let name = try reader.string()
            try reader.finish()
            try state.gas.charge(Gas.call)
            guard let value = parameter(name) else {
                throw .badCalldata("there is no parameter called \(name)")
            }
            writer.write(uint: value)
        case .banks:
            try reader.finish()
            try state.gas.charge(Gas.call)
            writer.write(array: genesis.validators.map(\.address))
        default: throw .unknownSelector(selector)
        }
        return writer.finish()
    }

    /// The value of a parameter by its name, nil if there is none of that name.
    public func parameter(_ name: String) -> UInt128? {
        switch name {
        case "gasPrice": rules.gasPrice
        case "blockGasLimit": UInt128(rules.blockGasLimit)
        case "blockByteLimit": UInt128(rules.blockByteLimit)
        case "stepLimit": UInt128(rules.stepLimit)
        case "certificateQuorum": UInt128(genesis.certificateQuorum)
        default: nil
        }
    }
}
