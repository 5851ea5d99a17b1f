import Ledger
import Settlement
import Tokens

/// From publication to use, and out of it.
extension TemplateRegistry {
    /// What publishing a template costs: the fee, and the deposit from which reviewers are paid.
    ///
    /// Reviews end with as many approvals or as many rejections as the rules require, so that there are
    /// at most twice as many less one: each of them is covered.
    var publicationCost: (fee: UInt128, deposit: UInt128) {
        let rules = governance.rules
        let most = 2 * UInt128(rules.requiredReviews) - 1
        return (rules.publicationFee, most * rules.reviewFee)
    }

    /// Publishes a template, which then waits for its reviews.
    ///
    /// - Parameters:
    ///   - json: its text.
    ///   - replaced: the id of the template that it is a later version of; zero for none.
    ///   - call: who publishes, and the most that this may cost.
    /// - Returns: its id.
    /// - Throws: ``Rejection/feeTooLow(needed:)``, ``Rejection/templateRefused(pointer:why:)``,
    ///   ``Rejection/notDeveloper(_:)`` if the replaced one is somebody else's.
    func publish(
        _ json: [UInt8], replacing replaced: Hash32, by call: Call
    ) throws(Rejection) -> Hash32 {
        let cost = publicationCost
        guard call.value >= cost.fee + cost.deposit else {
            throw .feeTooLow(needed: cost.fee + cost.deposit)
        }
        if replaced != .zero {
            guard let old = find(replaced) else {
                throw .templateRefused(pointer: "", why: "it replaces a template that is unknown")
            }
            guard old.developer == call.sender else { throw .notDeveloper(call.sender) }
        }
        let template = try wellFormed(json)
        let id = template.id
        guard find(id) == nil else {
            throw .templateRefused(pointer: "", why: "the same template was published before")
        }
        let bounds = try check(template)
        let rules = governance.rules
        let stored = StoredTemplate(
            index: count, developer: call.sender, replaces: replaced,
            publishedAt: state.block.now, reviewsRequired: rules.requiredReviews,
            reviewFee: rules.reviewFee, deposit: cost.deposit, bounds: bounds)
        shelf.add(stored, id, content: template.canonicalBytes)
        try pay(cost.fee, from: call.sender, to: .treasury)
        governance.economy.add(.publicationFee, cost.fee)
        try pay(cost.deposit, from: call.sender, to: .templates)
        shelf.record(
            .published(id: id, developer: call.sender, replaces: replaced, name: template.name))
        shelf.record(.statusChanged(id: id, status: .draft))
        return id
    }

    /// Takes what a reviewer says of a draft, pays for it, and lets the draft become active or be rejected
    /// if enough have said so.
    ///
    /// - Throws: ``Rejection/templateNotDraft(_:status:)``, ``Rejection/notReviewer(_:)``,
    ///   ``Rejection/alreadyReviewed(_:by:)``.
    func take(_ review: ITemplates.Review, of id: Hash32) throws(Rejection) {
        guard var template = find(id), template.status == .draft else {
            throw .templateNotDraft(id, status: (find(id)?.status ?? .none).rawValue)
        }
        let reviewer = review.reviewer
        // Whoever earns with a template does not say that it is good.
        guard governance.reviewers.contains(reviewer), reviewer != template.developer else {
            throw .notReviewer(reviewer)
        }
        guard !template.reviews.contains(where: { $0.reviewer == reviewer }) else {
            throw .alreadyReviewed(id, by: reviewer)
        }
        template.reviews.append(review)
        template.deposit -= template.reviewFee
        shelf.set(template, id)
        shelf.record(
            .reviewed(
                id: id, reviewer: reviewer, approved: review.approved, report: review.report))
        try pay(template.reviewFee, from: .templates, to: reviewer)
        governance.economy.add(.reviewFee, template.reviewFee)
        let required = Int(template.reviewsRequired)
        guard template.reviews.count(where: { $0.approved == review.approved }) >= required else {
            return
        }
        try shelf.move(&template, id, to: review.approved ? .active : .rejected)
        if review.approved { try retire(template.replaces, for: id) }
    }

    /// Takes a template of the sender out of use, or withdraws it before it was reviewed.
    ///
    /// - Throws: ``Rejection/templateNotActive(_:status:)`` unless it is active or a draft,
    ///   ``Rejection/notDeveloper(_:)``.
    func deprecate(_ id: Hash32, by sender: Address) throws(Rejection) {
        guard var template = find(id), template.status == .draft || template.status == .active
        else {
            throw .templateNotActive(id, status: (find(id)?.status ?? .none).rawValue)
        }
        guard template.developer == sender else { throw .notDeveloper(sender) }
        try shelf.move(&template, id, to: .deprecated)
    }

    /// Deprecates the template that another one has just replaced; one that was rejected or suspended stays
    /// so.
    private func retire(_ id: Hash32, for successor: Hash32) throws(Rejection) {
        guard id != .zero, var old = find(id) else { return }
        old.replacedBy = successor
        guard old.status == .draft || old.status == .active else { return shelf.set(old, id) }
        try shelf.move(&old, id, to: .deprecated)
    }

    // MARK: Checking

    private func wellFormed(_ json: [UInt8]) throws(Rejection) -> Template {
        try state.gas.charge(
            3 * Gas.newRecord + TemplateGas.reading(json.count) + TemplateGas.storing(json.count))
        return try Self.parse(json)
    }

    /// Proves what must hold of every order that could be opened from a template.
    private func check(_ template: Template) throws(Rejection) -> TemplateBounds {
        try state.gas.charge(TemplateGas.checking(template))
        var work: UInt64 = 0
        let verdict = try template.check(work: &work) { (plays) throws(Rejection) in
            // What is required may need more members than the roles say.
            let more = max(plays - template.plays, 0)
            try state.gas.charge(TemplateGas.playing(more))
        }
        switch verdict {
        case .accepted(let facts): return TemplateBounds(facts)
        case .refused(let fault, let counterexample):
            throw .templateRefused(
                pointer: fault.pointer,
                why: fault.why + (counterexample?.inWords ?? ""))
        }
    }

    /// Moves DIP; nothing where it is nothing.
    func pay(_ amount: UInt128, from: Address, to: Address) throws(Rejection) {
        guard amount > 0 else { return }
        try tokens.transfer(amount, of: .dip, from: from, to: to)
    }
}

extension Counterexample {
    /// The bindings, for an error that people read; cut where they are long.
    fileprivate var inWords: String {
        ", for example " + String(decoding: bindings.prefix(2_048), as: UTF8.self)
    }
}
