import Ledger
import Settlement
import Tokens

/// The fixed addresses of the native contracts.
public enum Contracts {
    /// DIP as an ERC-20.
    public static let dip = Address.contract(0xd100)
    /// The token factory.
    public static let tokens = Address.contract(0xd101)
    /// Orders; also the holder of their cash.
    public static let orders = Address.contract(0xd102)
    /// Claims as an ERC-1155.
    public static let claims = Address.contract(0xd103)
    /// Templates, and the deposits for their reviews.
    public static let templates = Address.contract(0xd104)
    /// Banks, deposit tokens, and redemptions in flight.
    public static let banks = Address.contract(0xd105)
    /// Legal entities behind accounts.
    public static let entities = Address.contract(0xd106)
    /// Governance and treasury.
    public static let governance = Address.contract(0xd107)
    /// Several calls, one signature.
    public static let batch = Address.contract(0xd109)

    /// Whether an address is kept for native contracts, present or future.
    public static func isReserved(_ address: Address) -> Bool {
        address.high == 0 && address.middle == 0 && address.low >> 8 == 0xd1
    }
}

extension Machine {
    /// Whether code of the ledger answers at an address: a native contract or an issued token.
    public func isContract(_ address: Address) -> Bool {
        switch address {
        case Contracts.dip, Contracts.tokens, Contracts.orders, Contracts.claims,
            Contracts.templates, Contracts.banks, Contracts.entities, Contracts.governance,
            Contracts.batch:
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
        let result = to == Contracts.batch ? try batch(call) : try single(call)
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
            if call.to == Contracts.templates { return try templates.call(call) }
            // The others take no DIP with a call: it would be in nobody's hands.
            guard call.value == 0 else { throw .notPayable }
            switch call.to {
            case Contracts.orders, Contracts.claims: return try orders.call(call)
            case Contracts.banks: return try banks.call(call)
            case Contracts.entities: return try entities.call(call)
            case Contracts.governance: return try governance.call(call)
            case Contracts.batch: throw .nestedBatch
            default: return try tokens.call(call)
            }
        }
        // Data to an account would be ignored, and its sender believe that something happened.
        guard call.data.isEmpty, !Contracts.isReserved(call.to), call.to.orderID == nil else {
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
