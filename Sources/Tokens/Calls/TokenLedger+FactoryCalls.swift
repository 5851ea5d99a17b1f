import Ledger

extension TokenLedger {
    func run(_ function: FactoryFunction, _ call: Call) throws(Rejection) -> [UInt8] {
        switch function {
        case .create:
            let new: ITokens.NewToken = try call.argument()
            try state.gas.charge(Gas.newToken)
            return Returned.of(address(of: try create(NewToken(new), by: call.sender)))
        case .count:
            return try call.returning(Returned.of(UInt128(count)))
        case .at:
            let index: Hash32 = try call.argument()
            guard let number = index.number, number < UInt128(count),
                let token = issued(UInt32(number))
            else { throw .badCalldata("index: below \(count) wanted") }
            return Returned.of(address(of: token))
        }
    }
}

extension NewToken {
    /// Takes a token's description as it stands in a call.
    init(_ new: ITokens.NewToken) {
        self.init(
            name: new.name, symbol: new.symbol, decimals: new.decimals, cap: new.cap,
            initialSupply: new.initialSupply, controls: TokenControls(rawValue: new.controls),
            uri: new.uri)
    }
}
