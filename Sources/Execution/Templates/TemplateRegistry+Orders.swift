import Ledger
import Settlement
import Tokens

/// Opening orders from templates.
extension TemplateRegistry {
    /// What a template and bindings make.
    struct Instance {
        let template: Template
        let terms: Terms
        /// How many of its accounts must be those of attested entities.
        let entityCount: Int
    }

    /// Opens an order from a template, or proposes one to its buyer, and pays the royalty.
    ///
    /// - Parameters:
    ///   - id: the template.
    ///   - bindings: parties and numbers, as JSON.
    ///   - sources: claims of the sender that are pledged to the order.
    ///   - call: who opens it, and the most that this may cost.
    /// - Returns: the order's id.
    /// - Throws: ``Rejection/templateNotActive(_:status:)``, ``Rejection/feeTooLow(needed:)``,
    ///   ``Rejection/bindingRefused(pointer:why:)``, then what opening and pledging refuse.
    func open(
        _ id: Hash32, _ bindings: [UInt8], from sources: [IOrders.Pledge], by call: Call
    ) throws(Rejection) -> UInt64 {
        guard let stored = find(id), stored.status == .active else {
            throw .templateNotActive(id, status: (find(id)?.status ?? .none).rawValue)
        }
        let instance = try instance(of: id, bindings)
        let royalty = instance.template.royalty
        guard call.value >= royalty else { throw .feeTooLow(needed: royalty) }
        try state.gas.charge(TemplateGas.royalty(reviewers: stored.approvers.count))
        let order = try orders.open(
            instance.terms, from: sources, template: id, by: call.sender)
        try pay(royalty, of: stored, id, order: order, by: call.sender)
        return order
    }

    /// What opening an order costs: the royalty, and the gas of a transaction that calls `open` without
    /// sources.
    ///
    /// - Throws: as ``instance(of:_:)``.
    func quote(
        _ id: Hash32, _ bindings: [UInt8]
    ) throws(Rejection) -> (royalty: UInt128, gas: UInt64) {
        let instance = try instance(of: id, bindings)
        let approvers = find(id)?.approvers.count ?? 0
        var call = ABIWriter(selector: ITemplates.Function.open.rawValue, words: 3)
        call.write(word: id)
        call.write(bytes: bindings)
        call.write(array: [IOrders.Pledge]())
        let transaction = Transaction(
            chainID: state.block.chainID, nonce: 0, maxFeePerGas: 0, gasLimit: 0, to: .templates,
            value: 0, data: call.finish())
        let gas =
            transaction.intrinsicGas + Gas.call
            + TemplateGas.instantiating(content: content(of: id).count, bindings: bindings.count)
            + UInt64(instance.entityCount) * TemplateGas.entity
            + TemplateGas.royalty(reviewers: approvers) + instance.terms.openingGas
        return (instance.template.royalty, gas)
    }

    /// Works out the terms of an order.
    ///
    /// - Throws: ``Rejection/templateNotActive(_:status:)`` if there is no such template, or
    ///   ``Rejection/bindingRefused(pointer:why:)``.
    func instance(of id: Hash32, _ bindings: [UInt8]) throws(Rejection) -> Instance {
        guard find(id) != nil else {
            throw .templateNotActive(id, status: ITemplates.Status.none.rawValue)
        }
        let template = try parsed(id)
        try state.gas.charge(TemplateGas.reading(bindings.count))
        let terms: Terms
        let read: TemplateBindings
        do throws(TemplateFault) {
            read = try TemplateBindings(parsing: bindings, for: template)
            terms = try template.instantiate(read, now: state.block.now)
        } catch {
            throw .bindingRefused(pointer: error.pointer, why: error.why)
        }
        guard tokens.find(terms.token) != nil else {
            throw .bindingRefused(pointer: "/token", why: "no token answers at \(terms.token)")
        }
        return Instance(
            template: template, terms: terms,
            entityCount: try checkEntities(read, of: template))
    }

    /// Checks that a bank attests who is behind each account of the roles that must be legal entities.
    /// - Returns: how many accounts that are.
    private func checkEntities(
        _ bindings: TemplateBindings, of template: Template
    ) throws(Rejection) -> Int {
        var count = 0
        for index in template.entityRoles {
            let role = template.roles[index]
            for (member, account) in bindings.parties[index].enumerated() {
                try state.gas.charge(TemplateGas.entity)
                guard entities.isActive(account) else {
                    throw .bindingRefused(
                        pointer: "/\(role.name)" + (role.isMany ? "/\(member)" : ""),
                        why: "no bank attests which legal entity is behind \(account)")
                }
                count += 1
            }
        }
        return count
    }

    /// Splits a royalty among developer, reviewers and treasury, and counts the use.
    private func pay(
        _ royalty: UInt128, of template: StoredTemplate, _ id: Hash32, order: UInt64,
        by payer: Address
    ) throws(Rejection) {
        let rules = governance.rules
        let approvers = template.approvers
        let split = RoyaltySplit(
            royalty, developerShare: rules.royaltyDeveloper,
            reviewerShare: rules.royaltyReviewers, reviewers: approvers.count)
        var use = use(of: id)
        use.orders += 1
        // All there ever is of DIP is below 2^128, but it may come by more than once.
        let (earned, overflow) = use.earned.addingReportingOverflow(split.developer)
        use.earned = overflow ? .max : earned
        shelf.set(use, of: id)
        guard royalty > 0 else { return }
        try pay(split.developer, from: payer, to: template.developer)
        for reviewer in approvers { try pay(split.eachReviewer, from: payer, to: reviewer) }
        try pay(split.treasury, from: payer, to: .treasury)
        let economy = governance.economy
        economy.add(.royaltyDeveloper, split.developer)
        economy.add(.royaltyReviewers, split.eachReviewer * UInt128(approvers.count))
        economy.add(.royaltyTreasury, split.treasury)
        shelf.record(.royaltyPaid(id: id, order: order, amount: royalty))
    }
}
