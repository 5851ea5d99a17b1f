import Execution
import Ledger
import Storage
import Tokens

/// Writes down who got which role and which parameter got which value, in the blocks that an audit executes.
///
/// What governance decides is compared before and after a block, so that nothing is missed whatever brought it about;
/// roles in tokens, of which there may be very many, follow from effects.
final class Roles {
    typealias Writing = (RoleChange) throws(StoreFault) -> Void

    private let machine: Machine
    private let write: Writing
    private var facts: Set<RoleFact> = []
    /// Whether the next block replaces a key of which it says nothing: a bank asked for it.
    private var isExpectant = false
    private var limits: [String: String] = [:]

    init(_ machine: Machine, _ write: @escaping Writing) {
        self.machine = machine
        self.write = write
    }

    /// Writes what holds at the start.
    func open(_ block: Header) throws(StoreFault) {
        facts = RoleFact.all(machine)
        for fact in facts.sorted() {
            try write(change(block, fact.what, of: fact.of, after: fact.value))
        }
        for change in openLimits(block) { try write(change) }
    }

    /// Writes what a block changed.
    func add(_ block: BookedBlock) throws(StoreFault) {
        var causes: [RoleCause] = []
        var looks = isExpectant
        for (effects, transaction) in block.effects {
            for (tag, payload) in EffectReader(effects) {
                if GovernanceEffectTag.all.contains(tag) {
                    looks = true
                    guard
                        case .enacted(let id, _)? = try? GovernanceEffect(
                            tag: tag, payload: payload),
                        let content = machine.governance.content(id)
                    else { continue }
                    causes.append(RoleCause(id, content) { bank(operatedBy: $0) })
                    try note(id, content, block.header)
                } else if BankingEffectTag.all.contains(tag),
                    let effect = try? BankingEffect(tag: tag, payload: payload)
                {
                    looks = true
                    try note(effect, transaction, block.header, &causes)
                } else if TokenEffectTag.all.contains(tag),
                    let effect = try? TokenEffect(tag: tag, payload: payload)
                {
                    try note(effect, transaction, block.header)
                }
            }
        }
        isExpectant = machine.governance.hasRotations
        if looks { try compare(block.header, causes) }
    }

    // MARK: Governance

    private func compare(_ block: Header, _ causes: [RoleCause]) throws(StoreFault) {
        let now = RoleFact.all(machine)
        defer { facts = now }
        var ended = Dictionary(grouping: facts.subtracting(now).sorted()) { [$0.what, $0.of] }
        for fact in now.subtracting(facts).sorted() {
            // One reviewer does not take the place of another one.
            let before =
                fact.what == "reviewer" ? nil : ended.removeValue(forKey: [fact.what, fact.of])
            try write(
                change(
                    block, fact.what, of: fact.of, before: before?.first?.value, after: fact.value,
                    cause(of: fact, among: causes)))
        }
        for fact in ended.values.joined().sorted() {
            try write(
                change(
                    block, fact.what, of: fact.of, before: fact.value,
                    cause(of: fact, among: causes)))
        }
    }

    /// What brought a fact about: where the banks decided it, an effect says too that the bank did it.
    private func cause(of fact: RoleFact, among causes: [RoleCause]) -> RoleCause? {
        causes.last { $0.proposal != nil && $0.concerns(fact) }
            ?? causes.last { $0.concerns(fact) }
    }

    /// The name of a bank by the account that operated it before the block.
    private func bank(operatedBy account: Address) -> String? {
        facts.first { $0.what == "operator" && $0.value == account.checksummed }?.of
    }

    /// What a decision did that is neither a role nor a parameter.
    private func note(
        _ proposal: UInt64, _ content: Governance.Content, _ block: Header
    ) throws(StoreFault) {
        var change: RoleChange
        switch content.change {
        case .suspendTemplate(let id):
            change = self.change(block, "template", of: id.hex, after: "suspended")
        case .payTreasury(let token, let to, let amount):
            change = self.change(
                block, "treasury payment", of: token.checksummed,
                after: "\(amount) to \(to.checksummed)")
        default: return
        }
        change.proposal = proposal
        change.by = content.yes
        try write(change)
    }

    // MARK: Banks and tokens

    private func note(
        _ effect: BankingEffect, _ transaction: Hash32?, _ block: Header,
        _ causes: inout [RoleCause]
    ) throws(StoreFault) {
        var change: RoleChange
        switch effect {
        case .checkerSet(let account, let checker):
            if transaction != nil {
                causes.append(RoleCause("checker", checker, by: account, transaction))
            }
            return
        case .operatorChanged(let from, let to):
            causes.append(RoleCause("operator", to, by: from, transaction))
            // The bank's BIC goes on under its new account.
            limits[to.checksummed + "BIC"] = limits.removeValue(forKey: from.checksummed + "BIC")
            return
        case .admitted(let account, let bic):
            change = limit(block, "BIC", of: account, bic)
        case .depositTokenSet(let token, let bank, let currency):
            change = depositToken(block, token, of: bank, currency)
        case .issueLimitSet(let token, let perDay):
            change = limit(block, "issue limit", of: token.address, "\(perDay)")
        case .acceptedAtPar(let token, let other, let amount):
            change = limit(
                block, "accepted at par", of: token.address,
                Self.text(amount, of: other), beside: other)
        case .callApproved, .reserveAttested, .recovered: return
        }
        change.transaction = transaction
        try write(change)
    }

    private func limit(
        _ block: Header, _ what: String, of account: Address, _ value: String,
        beside other: TokenID? = nil
    ) -> RoleChange {
        let of = account.checksummed
        let key = of + what + (other?.address.checksummed ?? "")
        return change(
            block, what, of: of, before: limits.updateValue(value, forKey: key), after: value)
    }

    private static func text(_ amount: UInt128, of other: TokenID) -> String {
        "\(amount) of \(other.address.checksummed)"
    }

    /// What banks are called in payments, which deposit tokens they have and how much they may issue, as far as
    /// anything is set; nothing at genesis.
    private func openLimits(_ block: Header) -> [RoleChange] {
        let banks = machine.banks
        var changes: [RoleChange] = []
        for bank in machine.bankSet.banks {
            guard let bic = banks.record(operatedBy: bank.operator)?.bic, !bic.isEmpty else {
                continue
            }
            changes.append(limit(block, "BIC", of: bank.operator, bic))
        }
        for token in banks.depositTokens {
            guard let deposit = banks.deposit(token), let bank = banks.record(of: deposit) else {
                continue
            }
            changes.append(depositToken(block, token, of: bank.operator, deposit.currency))
            if deposit.perDay > 0 {
                changes.append(limit(block, "issue limit", of: token.address, "\(deposit.perDay)"))
            }
            for par in banks.acceptances(for: token) {
                changes.append(
                    limit(
                        block, "accepted at par", of: token.address,
                        Self.text(par.limit, of: par.other), beside: par.other))
            }
        }
        return changes
    }

    private func depositToken(
        _ block: Header, _ token: TokenID, of bank: Address, _ currency: CurrencyCode
    ) -> RoleChange {
        change(
            block, "deposit token", of: bank.checksummed,
            after: "\(token.address.checksummed) \(currency)")
    }

    private func note(
        _ effect: TokenEffect, _ transaction: Hash32?, _ block: Header
    ) throws(StoreFault) {
        switch effect {
        case .created(let token, let issuer, let controls, _, _):
            for role in TokenRole.granted(by: controls) {
                var change = change(
                    block, role.rawValue, of: token.address.checksummed, after: issuer.checksummed)
                change.transaction = transaction
                change.by = [issuer]
                try write(change)
            }
        case .role(let token, let granted, let role, let account, let by):
            let name = TokenRole.allCases.first { $0.id == role }?.rawValue ?? role.hex
            var change = change(block, name, of: token.address.checksummed)
            if granted {
                change.after = account.checksummed
            } else {
                change.before = account.checksummed
            }
            change.transaction = transaction
            change.by = [by]
            try write(change)
        default: return
        }
    }

    private func change(
        _ block: Header, _ what: String, of: String, before: String? = nil, after: String? = nil,
        _ cause: RoleCause? = nil
    ) -> RoleChange {
        RoleChange(
            height: block.height, timeMillis: block.timeMillis, transaction: cause?.transaction,
            proposal: cause?.proposal, what: what, of: of, before: before, after: after,
            by: cause?.by ?? [])
    }
}
