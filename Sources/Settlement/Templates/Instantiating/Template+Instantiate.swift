import Ledger

/// A line of the terms and what it comes from.
struct InstantiatedLine: Sendable {
    var line: Terms.Line
    /// Which of the template's lines.
    let rule: Int
    /// Which member of its role.
    let member: Int
    /// Whether it is what was retained.
    let isRetained: Bool
}

extension Template {
    /// Works out the terms of an order: `docs/settlement-rules.md` §8.
    ///
    /// - Parameters:
    ///   - bindings: what the parties filled in.
    ///   - now: the time of the block, in seconds; durations count from it.
    /// - Returns: terms that pass ``Terms/check(now:isToken:)``; the token is the caller's to check.
    /// - Throws: the ``TemplateFault`` met first, its pointer into the bindings.
    public func instantiate(
        _ bindings: TemplateBindings, now: UInt64
    ) throws(TemplateFault) -> Terms {
        try checkRequirements(bindings)
        try checkParties(bindings)
        guard now <= Terms.timeLimit else { throw TemplateFault("", "the time is beyond 2^40") }
        let lines = try instantiatedLines(bindings)
        let terms = Terms(
            token: bindings.token, buyer: bindings.parties[buyerIndex][0],
            arbiter: roles.firstIndex(where: \.isArbiter).map { bindings.parties[$0][0] } ?? .zero,
            dueAt: try due(bindings, now), document: bindings.document, lines: lines.map(\.line),
            gates: try instantiatedGates(bindings, now: now))
        do throws(Rejection) {
            try terms.check(now: now)
        } catch {
            if case .badTerms(let field) = error {
                throw TemplateFault("", "the order would have a bad \(field)")
            }
            throw TemplateFault("", error.name)
        }
        return terms
    }

    // MARK: Requirements and parties

    /// The value of a form in smallest units, basis points or seconds.
    func value(of form: LinearForm, _ bindings: TemplateBindings) -> ExactInteger {
        form.value { variable in
            switch variable {
            case .parameter(let index):
                bindings.values[index].reduce(.zero) { $0 + ExactInteger($1) }
            case .count(let role): ExactInteger(bindings.parties[role].count)
            }
        }
    }

    func checkRequirements(_ bindings: TemplateBindings) throws(TemplateFault) {
        for requirement in require {
            let value = value(of: requirement.form, bindings)
            let holds = requirement.isEquality ? value.isZero : !value.isNegative
            guard !holds else { continue }
            throw TemplateFault(
                pointer(of: requirement.form), "it is required that \(requirement.text)")
        }
    }

    /// The parameter that a form mentions first.
    private func pointer(of form: LinearForm) -> String {
        for term in form.terms {
            switch term.variable {
            case .parameter(let index): return "/" + parameters[index].name
            case .count(let role): return "/" + roles[role].name
            }
        }
        return ""
    }

    private func checkParties(_ bindings: TemplateBindings) throws(TemplateFault) {
        for (role, accounts) in zip(roles, bindings.parties) {
            for (index, account) in accounts.enumerated() where !account.canBeParty {
                throw TemplateFault(
                    pointer(of: role, index), "nobody's address, or a contract's or order's")
            }
        }
        guard let arbiter = roles.firstIndex(where: \.isArbiter) else { return }
        let decides = bindings.parties[arbiter][0]
        var others = [buyerIndex] + lines.map(\.to)
        for gate in gates where gate.late == .arbitrate { others += gate.attest }
        for other in others where bindings.parties[other].contains(decides) {
            throw TemplateFault(
                "/" + roles[arbiter].name,
                "who decides disputes is also the \(roles[other].name)")
        }
    }

    func pointer(of role: Role, _ index: Int) -> String {
        role.isMany ? "/\(role.name)/\(index)" : "/\(role.name)"
    }

    // MARK: Lines

    /// What the buyer will owe.
    ///
    /// - Throws: a ``TemplateFault`` where that is nothing, or 2^128 or more.
    public func price(_ bindings: TemplateBindings) throws(TemplateFault) -> UInt128 {
        guard let units = value(of: price, bindings).units, units > 0 else {
            throw TemplateFault(pointer(of: price), "the price is not between 1 and 2^128 - 1")
        }
        return units
    }

    /// The lines of the terms, those of nothing left out.
    func instantiatedLines(
        _ bindings: TemplateBindings
    ) throws(TemplateFault) -> [InstantiatedLine] {
        let price = try price(bindings)
        var amounts: [[UInt128]] = []
        var left = ExactInteger(price)
        for rule in lines {
            var parts: [UInt128] = []
            for member in bindings.parties[rule.to].indices {
                switch rule.amount {
                case .fixed(let value): parts.append(self.value(value, member, bindings))
                case .share(let value):
                    parts.append(Self.part(self.value(value, member, bindings), of: price))
                case .rest: break
                }
            }
            left = parts.reduce(left) { $0 - ExactInteger($1) }
            amounts.append(parts)
        }
        guard let rest = left.units else {
            throw TemplateFault(
                pointer(of: self.price), "the lines are \(-left) more than the price of \(price)")
        }
        var found: [InstantiatedLine] = []
        for (index, rule) in lines.enumerated() {
            let parts = rule.amount == .rest ? [rest] : amounts[index]
            for (member, amount) in parts.enumerated() {
                append(amount, rule: index, member: member, bindings, to: &found)
            }
        }
        return found
    }

    /// Adds a line, and what is retained of it as another, unless they are 0.
    private func append(
        _ amount: UInt128, rule index: Int, member: Int, _ bindings: TemplateBindings,
        to found: inout [InstantiatedLine]
    ) {
        let rule = lines[index]
        let payee = bindings.parties[rule.to][member]
        let retained = rule.retain.map { Self.part(value($0.share, 0, bindings), of: amount) } ?? 0
        func line(_ amount: UInt128, _ gate: Int?, _ isRetained: Bool) {
            guard amount > 0 else { return }
            found.append(
                InstantiatedLine(
                    line: Terms.Line(
                        tier: rule.tier, payee: payee, amount: amount,
                        gate: gate.map { UInt8($0 + 1) } ?? 0),
                    rule: index, member: member, isRetained: isRetained))
        }
        line(amount - retained, rule.gate, false)
        line(retained, rule.retain?.until, true)
    }

    /// ⌊amount × bps / 10000⌋.
    private static func part(_ bps: UInt128, of amount: UInt128) -> UInt128 {
        guard let part = Amount(amount).scaled(by: bps, over: 10_000) else {
            preconditionFailure("a share is at most the whole")
        }
        return part.units
    }

    private func value(_ value: Value, _ member: Int, _ bindings: TemplateBindings) -> UInt128 {
        switch value {
        case .literal(let units): units
        case .parameter(let index):
            bindings.values[index][parameters[index].role == nil ? 0 : member]
        }
    }
}
