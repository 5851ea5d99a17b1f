import Ledger

extension TokenLedger {
    func run(_ function: FeeFunction, _ call: Call) throws(Rejection) -> [UInt8] {
        let fees = Fees(self)
        switch function {
        case .grantFees:
            let (to, limit, expiry) = try call.arguments(Address.self, UInt128.self, UInt64.self)
            try state.gas.charge(Gas.newRecord)
            try fees.setGrant(from: call.sender, to: to, limit: limit, expiry: expiry)
            return Returned.nothing
        case .feeGrant:
            let (from, to) = try call.arguments(Address.self, Address.self)
            let grant = fees.grant(from: from, to: to)
            return Returned.of(grant?.left ?? 0) + Returned.of(UInt128(grant?.expiry ?? 0))
        case .feePayer:
            return Returned.of(fees.feePayer(of: try call.argument()) ?? .zero)
        case .setFeePayer:
            let payer: Address = try call.argument()
            try state.gas.charge(Gas.newRecord)
            fees.setFeePayer(of: call.sender, to: payer)
            return Returned.nothing
        }
    }
}
