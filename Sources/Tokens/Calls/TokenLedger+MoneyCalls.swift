import Ledger

extension TokenLedger {
    func run(
        _ function: MoneyFunction, of token: TokenID, _ call: Call
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .name:
            return try call.returning(Returned.of(record(token).name))
        case .symbol:
            return try call.returning(Returned.of(record(token).symbol))
        case .decimals:
            return try call.returning(Returned.of(UInt128(record(token).decimals)))
        case .totalSupply:
            return try call.returning(Returned.of(supply(of: token)))
        case .balanceOf:
            return Returned.of(balance(of: try call.argument(), in: token))
        case .transfer:
            let (to, amount) = try call.arguments(Address.self, UInt128.self)
            try state.gas.charge(Gas.payment)
            try refuseReceiver(to)
            try transfer(amount, of: token, from: call.sender, to: to)
            return Returned.yes
        case .approve:
            let (spender, value) = try call.arguments(Address.self, Hash32.self)
            try state.gas.charge(Gas.newRecord)
            try approve(value, of: token, owner: call.sender, spender: spender)
            return Returned.yes
        case .allowance:
            let (owner, spender) = try call.arguments(Address.self, Address.self)
            return Returned.of(allowance(owner: owner, spender: spender, in: token))
        case .transferFrom:
            let (from, to, amount) = try call.arguments(Address.self, Address.self, UInt128.self)
            try state.gas.charge(Gas.payment)
            try transfer(amount, of: token, from: from, to: to, by: call.sender)
            return Returned.yes
        case .transferBatch:
            return try runTransferBatch(of: token, call)
        case .permit:
            return try runPermit(of: token, call)
        case .nonces:
            return Returned.of(UInt128(permitNonce(of: try call.argument(), in: token)))
        case .domainSeparator:
            return try call.returning(Returned.of(domain(of: token).separator))
        case .eip712Domain:
            return try call.returning(domainDescription(of: token))
        }
    }

    private func runTransferBatch(of token: TokenID, _ call: Call) throws(Rejection) -> [UInt8] {
        var reader = ABIReader(call.arguments)
        let to = try reader.array(of: Address.self)
        let amounts = try reader.array(of: UInt128.self)
        try reader.finish()
        guard to.count == amounts.count else {
            throw .lengthMismatch(UInt64(to.count), UInt64(amounts.count))
        }
        try state.gas.charge(Gas.payment * UInt64(to.count))
        try transferBatch(
            zip(to, amounts).map { Payout(to: $0, amount: $1) }, of: token, from: call.sender)
        return Returned.yes
    }

    private func runPermit(of token: TokenID, _ call: Call) throws(Rejection) -> [UInt8] {
        var reader = ABIReader(call.arguments)
        let owner = try reader.address()
        let spender = try reader.address()
        let value = try reader.word()
        let deadline = try reader.word()
        let v: UInt8 = try reader.uint()
        let r = try reader.word()
        let s = try reader.word()
        try reader.finish()
        try state.gas.charge(Gas.signature + Gas.newRecord)
        try permit(
            value, of: token, owner: owner, spender: spender, deadline: deadline,
            signature: Signature(r: r, s: s, yParity: v &- 27))
        return Returned.nothing
    }

    /// What EIP-5267 asks for: which fields the domain has (the first four), and their values.
    private func domainDescription(of token: TokenID) -> [UInt8] {
        var writer = ABIWriter(words: 7)
        writer.write(fixedBytes: [0x0f])
        writer.write(string: "Dipnet")
        writer.write(string: "1")
        writer.write(uint: UInt128(state.block.chainID))
        writer.write(address(of: token))
        writer.write(word: .zero)
        writer.write(array: [Hash32]())
        return writer.finish()
    }
}
