import Ledger

extension TokenLedger {
    func run(
        _ function: ControlFunction, of token: TokenID, _ call: Call
    ) throws(Rejection) -> [UInt8] {
        let sender = call.sender
        switch function {
        case .mint:
            let (to, amount) = try call.arguments(Address.self, UInt128.self)
            try state.gas.charge(Gas.payment)
            try mint(amount, of: token, to: to, by: sender)
        case .burn:
            let amount: UInt128 = try call.argument()
            try state.gas.charge(Gas.payment)
            try burn(amount, of: token, from: sender)
        case .burnFrom:
            let (from, amount) = try call.arguments(Address.self, UInt128.self)
            try state.gas.charge(Gas.payment)
            try burn(amount, of: token, from: from, by: sender)
        case .pause, .unpause:
            _ = try call.returning(Returned.nothing)
            try setPaused(function == .pause, in: token, by: sender)
        case .freeze:
            let (account, isFrozen) = try call.arguments(Address.self, Bool.self)
            try setFrozen(isFrozen, account, in: token, by: sender)
        case .allow:
            let (account, isAllowed) = try call.arguments(Address.self, Bool.self)
            try setAllowed(isAllowed, account, in: token, by: sender)
        case .clawback:
            let (from, to, amount, reason) = try call.arguments(
                Address.self, Address.self, UInt128.self, Hash32.self)
            try state.gas.charge(2 * Gas.payment)
            try clawBack(amount, of: token, from: from, to: to, reason: reason, by: sender)
        case .releaseHeld:
            let account: Address = try call.argument()
            try state.gas.charge(Gas.payment)
            try releaseHeld(account, in: token)
        case .grantRole:
            let (role, account) = try call.arguments(Hash32.self, Address.self)
            try state.gas.charge(Gas.newRecord)
            try grantRole(role, to: account, in: token, by: sender)
        case .revokeRole:
            let (role, account) = try call.arguments(Hash32.self, Address.self)
            try revokeRole(role, from: account, in: token, by: sender)
        case .renounceRole:
            let (role, account) = try call.arguments(Hash32.self, Address.self)
            try renounceRole(role, of: account, in: token, by: sender)
        }
        return Returned.nothing
    }

    func run(
        _ view: ControlView, of token: TokenID, _ call: Call
    ) throws(Rejection) -> [UInt8] {
        switch view {
        case .isFrozen:
            return Returned.of(isFrozen(try call.argument(), in: token))
        case .isAllowed:
            return Returned.of(isAllowed(try call.argument(), in: token))
        case .heldOf:
            return Returned.of(held(try call.argument(), in: token))
        case .hasRole:
            let (role, account) = try call.arguments(Hash32.self, Address.self)
            return Returned.of(hasRole(role, account, in: token))
        case .getRoleAdmin:
            // One admin role for all roles, whatever they are.
            let _: Hash32 = try call.argument()
            return Returned.of(TokenRole.admin.id)
        case .supportsInterface:
            return try supportsInterface(call)
        case .paused: return try call.returning(Returned.of(record(token).isPaused))
        case .controls:
            return try call.returning(Returned.of(UInt128(record(token).controls.rawValue)))
        case .cap: return try call.returning(Returned.of(record(token).cap))
        // ERC-7572 gives the second name to the same thing.
        case .uri, .contractURI: return try call.returning(Returned.of(record(token).uri))
        case .issuer: return try call.returning(Returned.of(record(token).issuer))
        case .adminRole: return try call.returning(Returned.of(TokenRole.admin.id))
        case .minterRole: return try call.returning(Returned.of(TokenRole.minter.id))
        case .pauserRole: return try call.returning(Returned.of(TokenRole.pauser.id))
        case .freezerRole: return try call.returning(Returned.of(TokenRole.freezer.id))
        case .clawbackRole: return try call.returning(Returned.of(TokenRole.clawback.id))
        case .allowerRole: return try call.returning(Returned.of(TokenRole.allower.id))
        }
    }

    /// ERC-165: itself and AccessControl.
    private func supportsInterface(_ call: Call) throws(Rejection) -> [UInt8] {
        var reader = ABIReader(call.arguments)
        let id = Array(try reader.fixedBytes(4))
        try reader.finish()
        return Returned.of(id == [0x01, 0xff, 0xc9, 0xa7] || id == [0x79, 0x65, 0xdb, 0x0b])
    }
}
