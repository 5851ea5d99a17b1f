import Ledger

/// The contract at 0x…d106.
extension EntityRegistry {
    /// Carries out a call.
    /// - Returns: what it returns, ABI-encoded.
    func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        guard let function = IEntities.Function(rawValue: selector) else {
            throw .unknownSelector(selector)
        }
        var reader = ABIReader(call.arguments)
        try state.gas.charge(Gas.call)
        let account = try reader.address()
        switch function {
        case .attest:
            let entity = try reader.read(IEntities.Entity.self)
            try reader.finish()
            // The record keeps the texts, which the transaction has paid to send but not to store.
            let bytes = entity.creditCode.utf8.count + entity.name.utf8.count
            try state.gas.charge(2 * Gas.newRecord + UInt64(bytes) * Gas.dataByte)
            try attest(account, entity, by: call.sender)
            return []
        case .revoke:
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try revoke(account, by: call.sender)
            return []
        case .entity:
            try reader.finish()
            var writer = ABIWriter(words: 1)
            writer.write(view(of: account) ?? .nobody)
            return writer.finish()
        }
    }
}

extension IEntities.Entity {
    /// What is answered of an account of which nobody ever said anything.
    fileprivate static let nobody = IEntities.Entity(
        lei: .zero, creditCode: "", name: "", industry: "", bank: .zero, since: 0, active: false)
}
