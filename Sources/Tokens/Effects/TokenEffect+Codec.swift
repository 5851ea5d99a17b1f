import Ledger

/// The bytes of each effect, `docs/formats/state.md`: integers big-endian at full width, no padding.
extension TokenEffect {
    /// Reads the payload of an effect.
    ///
    /// - Parameters:
    ///   - tag: 0x10 to 0x3f.
    ///   - payload: all of it.
    /// - Throws: ``DecodingFault`` for an unknown tag and for too few or too many bytes.
    public init(tag: UInt8, payload: ArraySlice<UInt8>) throws(DecodingFault) {
        var reader = ByteReader(payload)
        switch tag {
        case TokenEffectTag.transfer:
            self = .transfer(
                token: try reader.readToken(), from: try reader.readAddress(),
                to: try reader.readAddress(), amount: try reader.read())
        case TokenEffectTag.batch:
            self = .batch(
                token: try reader.readToken(), from: try reader.readAddress(),
                payouts: try reader.readPayouts())
        case TokenEffectTag.approval:
            self = .approval(
                token: try reader.readToken(), owner: try reader.readAddress(),
                spender: try reader.readAddress(), value: try reader.readHash())
        case TokenEffectTag.created:
            self = .created(
                token: try reader.readToken(), issuer: try reader.readAddress(),
                controls: TokenControls(rawValue: try reader.read()),
                initialSupply: try reader.read(), symbol: try reader.readText())
        case TokenEffectTag.role:
            self = .role(
                token: try reader.readToken(), granted: try reader.readFlag(),
                role: try reader.readHash(), account: try reader.readAddress(),
                by: try reader.readAddress())
        case TokenEffectTag.pause:
            self = .pause(
                token: try reader.readToken(), isPaused: try reader.readFlag(),
                by: try reader.readAddress())
        case TokenEffectTag.freeze:
            self = .freeze(
                token: try reader.readToken(), account: try reader.readAddress(),
                isFrozen: try reader.readFlag(), by: try reader.readAddress())
        case TokenEffectTag.allow:
            self = .allow(
                token: try reader.readToken(), account: try reader.readAddress(),
                isAllowed: try reader.readFlag(), by: try reader.readAddress())
        case TokenEffectTag.clawback:
            self = .clawback(
                token: try reader.readToken(), from: try reader.readAddress(),
                to: try reader.readAddress(), fromBalance: try reader.read(),
                fromHeld: try reader.read(), reason: try reader.readHash())
        case TokenEffectTag.heldReleased:
            self = .heldReleased(
                token: try reader.readToken(), account: try reader.readAddress(),
                amount: try reader.read())
        case TokenEffectTag.feeGrant:
            self = .feeGrant(
                from: try reader.readAddress(), to: try reader.readAddress(),
                limit: try reader.read(), expiry: try reader.read())
        case TokenEffectTag.feePayer:
            self = .feePayer(account: try reader.readAddress(), payer: try reader.readAddress())
        case TokenEffectTag.fee:
            self = .fee(payer: try reader.readAddress(), amount: try reader.read())
        default:
            guard let effect = try DepositEffect(tag: tag, from: &reader) else {
                throw DecodingFault("no effect of tokens has the tag \(tag)")
            }
            self = .deposit(effect)
        }
        try reader.finish()
    }
}

extension ByteReader {
    fileprivate mutating func readToken() throws(DecodingFault) -> TokenID {
        TokenID(rawValue: try read())
    }

    /// All that is left, 36 bytes a payment.
    fileprivate mutating func readPayouts() throws(DecodingFault) -> [Payout] {
        var payouts: [Payout] = []
        payouts.reserveCapacity(remaining / 36)
        while remaining > 0 {
            payouts.append(Payout(to: try readAddress(), amount: try read()))
        }
        return payouts
    }
}
