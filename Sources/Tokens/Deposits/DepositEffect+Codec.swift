import Ledger

/// The bytes of each effect, `docs/formats/effects.md`.
extension DepositEffect {
    /// Writes the payload.
    func write(to writer: inout ByteWriter) {
        switch self {
        case .issued(let token, let issues):
            writer.write(token.rawValue)
            for issue in issues {
                writer.write(byte: issue.isHeld ? 1 : 0)
                writer.write(issue.to)
                writer.write(issue.amount)
                writer.write(issue.reference)
            }
        case .requested(
            let id, let token, let owner, let amount, let payout, let deadline, let isAutomatic):
            writer.write(id)
            writer.write(token.rawValue)
            writer.write(owner)
            writer.write(amount)
            writer.write(payout)
            writer.write(deadline)
            writer.write(byte: isAutomatic ? 1 : 0)
        case .instructed(let id, let message):
            writer.write(id)
            writer.write(message)
        case .settled(let id, let token, let amount, let reference):
            writer.write(id)
            writer.write(token.rawValue)
            writer.write(amount)
            writer.write(reference)
        case .rejected(let id, let token, let owner, let amount, let isHeld, let reason):
            writer.write(id)
            writer.write(token.rawValue)
            writer.write(owner)
            writer.write(amount)
            writer.write(byte: isHeld ? 1 : 0)
            writer.write(text: reason)
        case .returned(let id, let token, let owner, let amount, let isHeld):
            writer.write(id)
            writer.write(token.rawValue)
            writer.write(owner)
            writer.write(amount)
            writer.write(byte: isHeld ? 1 : 0)
        case .autoRedeemSet(let token, let account, let payout, let minimum):
            writer.write(token.rawValue)
            writer.write(account)
            writer.write(payout)
            writer.write(minimum)
        case .converted(let account, let from, let to, let amount, let holder):
            writer.write(account)
            writer.write(from.rawValue)
            writer.write(to.rawValue)
            writer.write(amount)
            writer.write(holder)
        case .payoutTokenSet(let account, let token):
            writer.write(account)
            // DIP is nobody's payout token.
            writer.write((token ?? .dip).rawValue)
        }
    }

    /// Reads a payload, nil for a tag of other effects.
    init?(tag: UInt8, from reader: inout ByteReader) throws(DecodingFault) {
        switch tag {
        case TokenEffectTag.issued:
            let token = TokenID(rawValue: try reader.read())
            var issues: [Issue] = []
            issues.reserveCapacity(reader.remaining / 69)
            while reader.remaining > 0 {
                let isHeld = try reader.readFlag()
                var issue = Issue(
                    to: try reader.readAddress(), amount: try reader.read(),
                    reference: try reader.readHash())
                issue.isHeld = isHeld
                issues.append(issue)
            }
            self = .issued(token, issues)
        case TokenEffectTag.redemptionRequested:
            self = .requested(
                try reader.read(), token: TokenID(rawValue: try reader.read()),
                owner: try reader.readAddress(), amount: try reader.read(),
                payout: try reader.readHash(), deadline: try reader.read(),
                isAutomatic: try reader.readFlag())
        case TokenEffectTag.redemptionInstructed:
            self = .instructed(try reader.read(), message: try reader.readHash())
        case TokenEffectTag.redemptionSettled:
            self = .settled(
                try reader.read(), token: TokenID(rawValue: try reader.read()),
                amount: try reader.read(), reference: try reader.readHash())
        case TokenEffectTag.redemptionRejected:
            self = .rejected(
                try reader.read(), token: TokenID(rawValue: try reader.read()),
                owner: try reader.readAddress(), amount: try reader.read(),
                isHeld: try reader.readFlag(), reason: try reader.readText())
        case TokenEffectTag.redemptionReturned:
            self = .returned(
                try reader.read(), token: TokenID(rawValue: try reader.read()),
                owner: try reader.readAddress(), amount: try reader.read(),
                isHeld: try reader.readFlag())
        case TokenEffectTag.autoRedeemSet:
            self = .autoRedeemSet(
                TokenID(rawValue: try reader.read()), account: try reader.readAddress(),
                payout: try reader.readHash(), minimum: try reader.read())
        case TokenEffectTag.converted:
            self = .converted(
                account: try reader.readAddress(), from: TokenID(rawValue: try reader.read()),
                to: TokenID(rawValue: try reader.read()), amount: try reader.read(),
                holder: try reader.readAddress())
        case TokenEffectTag.payoutTokenSet:
            let account = try reader.readAddress()
            let token = TokenID(rawValue: try reader.read())
            self = .payoutTokenSet(account: account, token == .dip ? nil : token)
        default: return nil
        }
    }
}
