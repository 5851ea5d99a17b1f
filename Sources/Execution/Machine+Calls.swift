import Ledger
import Settlement
import Tokens

extension Machine {
    /// Whether code of the ledger answers at an address: a native contract or an issued token.
    public func isContract(_ address: Address) -> Bool {
        switch address {
        case .dip, .tokens, .orders, .claims,
            .templates, .banks, .entities, .governance,
            .batch:
            true
        default: tokens.find(address) != nil
        }
    }

    /// Carries out what a transaction, or a reader, asks for.
    /// - Returns: what the call returns, ABI-encoded; nothing for a plain transfer.
    func perform(
        sender: Address, to: Address?, value: UInt128, data: ArraySlice<UInt8>
    ) throws(Rejection) -> [UInt8] {
        guard let to else { throw .noContractCreation }
        let call = Call(sender: sender, to: to, value: value, data: data)
        let result = to == .batch ? try batch(call) : try single(call)
        banks.servePayouts()
        return result
    }

    /// One call that is no batch; pays for what it returns.
    func single(_ call: Call) throws(Rejection) -> [UInt8] {
        let result = try uncharged(call)
        try state.gas.charge(Gas.returning(result.count))
        return result
    }

    private func uncharged(_ call: Call) throws(Rejection) -> [UInt8] {
        if isContract(call.to) {
            if call.to == .templates { return try templates.call(call) }
            // The others take no DIP with a call: it would be in nobody's hands.
            guard call.value == 0 else { throw .notPayable }
            switch call.to {
            case .orders, .claims: return try orders.call(call)
            case .banks: return try banks.call(call)
            case .entities: return try entities.call(call)
            case .governance: return try governance.call(call)
            case .batch: throw .nestedBatch
            default: return try tokens.call(call)
            }
        }
        // Data to an account would be ignored, and its sender believe that something happened.
        guard call.data.isEmpty, !call.to.isNativeContract, call.to.orderID == nil else {
            throw .unknownContract(call.to)
        }
        try tokens.transfer(call.value, of: .dip, from: call.sender, to: call.to)
        return []
    }
}

extension Transaction {
    /// The gas that is used before anything is done: for being a transaction, and for its bytes.
    ///
    /// Access lists are paid for by their bytes alone; the ledger has no use for them.
    public var intrinsicGas: UInt64 {
        var zeros: UInt64 = 0
        data.withUnsafeBytes { bytes in
            for byte in bytes where byte == 0 { zeros += 1 }
        }
        let keys = accessList.reduce(0) { $0 + 20 + 32 * $1.keys.count }
        return Gas.transaction + zeros * Gas.zeroByte
            + (UInt64(data.count) - zeros) * Gas.dataByte + UInt64(keys) * Gas.dataByte
    }
}
