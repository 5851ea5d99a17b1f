import Ledger
import Tokens

/// Legal entities behind accounts, as banks attest them; answers at 0x…d106.
public final class EntityRegistry {
    let state: State
    let governance: Governance

    init(state: State, governance: Governance) {
        self.state = state
        self.governance = governance
    }

    // MARK: Asking

    /// The entity behind an account, nil if no bank attests one or the attestation was revoked.
    public func entity(of account: Address) -> LegalEntity? {
        guard let stored = stored(account), stored.isActive else { return nil }
        return stored.entity
    }

    /// Whether a bank attests who is behind an account.
    public func isActive(_ account: Address) -> Bool { entity(of: account) != nil }

    /// What is known of an account, in the form that clients see; nil if nothing ever was.
    public func view(of account: Address) -> IEntities.Entity? {
        guard let stored = stored(account) else { return nil }
        let bank = governance.bankSet[id: stored.bank]?.operator ?? stored.account
        return IEntities.Entity(
            lei: stored.entity.lei?.word ?? .zero,
            creditCode: stored.entity.creditCode?.text ?? "", name: stored.entity.name,
            industry: stored.entity.industry, bank: bank, since: stored.since,
            active: stored.isActive)
    }

    func stored(_ account: Address) -> StoredEntity? {
        state.object(EntityKey.entity(account)).map { bytes in
            believed { try StoredEntity(decoding: bytes) }
        }
    }

    // MARK: Attesting

    /// Binds an account to a legal entity, in place of what its own bank said before.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/badIdentifier(_:)``,
    ///   ``Rejection/attestedByOther(_:bank:)`` while another bank, which is still one, attests it.
    func attest(
        _ account: Address, _ given: IEntities.Entity, by sender: Address
    ) throws(Rejection) {
        let bank = try bank(of: sender)
        guard !governance.tokens.isKeyless(account) else {
            throw .badIdentifier("nobody can have the key of \(account)")
        }
        let entity: LegalEntity
        do throws(IdentifierFault) {
            entity = try LegalEntity(given)
        } catch {
            throw .badIdentifier(error.why)
        }
        if let before = stored(account), before.isActive { try check(before, account, bank) }
        let stored = StoredEntity(entity, by: bank, since: state.block.now)
        state.setObject(EntityKey.entity(account), stored.bytes)
        record(.attested(account: account, bank: bank.operator, entity))
    }

    /// Ends an attestation; what it said can still be read.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/notAttested(_:)``,
    ///   ``Rejection/attestedByOther(_:bank:)`` unless the bank that attests it has left.
    func revoke(_ account: Address, by sender: Address) throws(Rejection) {
        let bank = try bank(of: sender)
        guard var stored = stored(account), stored.isActive else { throw .notAttested(account) }
        try check(stored, account, bank)
        stored.isActive = false
        state.setObject(EntityKey.entity(account), stored.bytes)
        record(.revoked(account: account, bank: bank.operator))
    }

    private func bank(of sender: Address) throws(Rejection) -> Bank {
        guard let bank = governance.bankSet.bank(operatedBy: sender) else {
            throw .notBank(sender)
        }
        return bank
    }

    /// What one bank says is not another one's to change, as long as it is a bank.
    private func check(
        _ stored: StoredEntity, _ account: Address, _ bank: Bank
    ) throws(Rejection) {
        guard stored.bank != bank.id, let other = governance.bankSet[id: stored.bank] else {
            return
        }
        throw .attestedByOther(account, bank: other.operator)
    }
}
