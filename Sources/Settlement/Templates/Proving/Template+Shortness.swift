import Ledger

extension Template {
    /// Whether the lines can come to more than the price.
    enum Shortness {
        /// They never do.
        case never
        /// With these bindings they do.
        case shown(TemplateBindings)
        /// The search was given up.
        case unknown
    }

    /// Decides whether the rest can be negative for any bindings that keep to bounds and requirements.
    ///
    /// With shares of together S basis points, 10,000 × rest ≥ (10,000 − S) × price − 10,000 × fixed, since
    /// each share is rounded down, however many there are. So the largest S is looked for first, then the
    /// least value of the right side. The rest is an integer: as long as that value is above −10,000, the rest
    /// is above −1 and thus not negative. Where it may be less, integers are looked for, first with a price
    /// that is a multiple of 10,000, where nothing is rounded; what is shown was computed as any order would be.
    ///
    /// - Parameters:
    ///   - sample: bindings that keep to what is required, whose times are kept.
    ///   - budget: cells that may be computed.
    /// - Returns: what is known then.
    func shortness(_ sample: TemplateBindings, _ budget: inout Int) -> Shortness {
        let free: [Int?] = Array(repeating: nil, count: roles.count)
        guard let shares = sharesMost(free, &budget) else { return .unknown }
        let excess = self.excess(shares: shares.total)
        let system = amounts(counts: free)
        if case .optimum(let value, _, let denominator) = system.linear.maximise(
            system.terms(excess), &budget),
            value < (Self.shortExcess - excess.constant) * denominator
        {
            return .never
        }
        // So many members as the largest shares need, else any number of them; and numbers that people read
        // before those that they count the digits of.
        let largest = shares.system.counts(at: shares.point)
        let tries: [(counts: [Int?], cap: UInt128)] = [
            (largest, 1_000_000), (largest, .max), (free, 1_000_000), (free, .max),
        ]
        for (counts, cap) in tries {
            let system = amounts(counts: counts, cap: cap)
            for isRounded in shares.total.isZero ? [false, true] : [true, false] {
                let tried = isRounded ? multiples(system) : system
                let least = Self.shortExcess - excess.constant
                switch tried.linear.integers(tried.terms(excess), atLeast: least, &budget) {
                case .exhausted: break
                case .nothing: if !isRounded, counts == free, cap == .max { return .never }
                case .point(let point):
                    if let shown = shown(point, tried, sample, &budget) { return .shown(shown) }
                }
            }
        }
        return .unknown
    }

    /// A system in which the price is a multiple of 10,000, so that no share of it is rounded.
    func multiples(_ system: TemplateSystem) -> TemplateSystem {
        var system = system
        let factor = system.linear.variable(from: .zero, to: ExactInteger(UInt128.max))
        let price = system.terms(self.price)
        let base = ExactInteger(10_000)
        system.linear.demand(price + [(factor, -base)], self.price.constant)
        system.linear.demand(
            price.map { ($0.variable, -$0.factor) } + [(factor, base)], -self.price.constant)
        return system
    }

    /// The amounts and what is required of them, and that the price is one; with other types as asked.
    func amounts(
        counts: [Int?], with others: Set<ParameterType> = [], cap: UInt128 = .max
    ) -> TemplateSystem {
        var system = TemplateSystem(self, others.union([.amount]), counts: counts, cap: cap)
        system.demand(price, atLeast: .one)
        system.demand(price, times: -.one, atLeast: -ExactInteger(UInt128.max))
        return system
    }

    /// The least excess with which the rest is negative, by 1 at least.
    private static let shortExcess = ExactInteger(10_000)

    /// 10,000 × fixed − (10,000 − shares) × price: at least −10,000 × rest, and exactly that where no share is
    /// rounded.
    func excess(shares: ExactInteger) -> LinearForm {
        let base = ExactInteger(10_000)
        var form = LinearForm()
        for line in lines {
            if case .fixed(let value) = line.amount {
                form.add(self.form(of: value, to: line.to), times: base)
            }
        }
        form.add(price, times: shares - base)
        return form
    }

    /// What a line comes to for all members together, in smallest units or basis points.
    private func form(of value: Value, to role: Int) -> LinearForm {
        var form = LinearForm()
        switch value {
        case .parameter(let index): form.add(.one, .parameter(index))
        case .literal(let units) where roles[role].isMany:
            form.add(ExactInteger(units), .count(role))
        case .literal(let units): form.add(ExactInteger(units))
        }
        return form
    }

    /// The shares of the price that all lines together take.
    private var sharesForm: LinearForm {
        var form = LinearForm()
        for line in lines {
            if case .share(let value) = line.amount {
                form.add(self.form(of: value, to: line.to), times: .one)
            }
        }
        return form
    }

    /// The most basis points that lines can take, and with which values; nil where the search was given up
    /// or nothing fits.
    private func sharesMost(
        _ counts: [Int?], _ budget: inout Int
    ) -> (total: ExactInteger, system: TemplateSystem, point: [ExactInteger])? {
        let form = sharesForm
        let system = TemplateSystem(self, [.share], counts: counts)
        let terms = system.terms(form)
        guard
            case .optimum(let value, _, let denominator) = system.linear.maximise(terms, &budget)
        else { return nil }
        var total = value.dividedDown(by: denominator).quotient
        // Integers may not come as far as fractions do.
        for _ in 0..<8 {
            switch system.linear.integers(terms, atLeast: total, &budget) {
            case .point(let point): return (total + form.constant, system, point)
            case .exhausted: return nil
            case .nothing: total = total - .one
            }
        }
        return nil
    }

    /// Bindings with amounts at a point and as large shares as there can be with so many members, if an
    /// order with them would indeed be short.
    private func shown(
        _ point: [ExactInteger], _ amounts: TemplateSystem, _ sample: TemplateBindings,
        _ budget: inout Int
    ) -> TemplateBindings? {
        let counts = amounts.counts(at: point)
        guard let shares = sharesMost(counts, &budget) else { return nil }
        for evenly in [false, true] {
            var bindings = sample
            resize(&bindings, counts)
            amounts.write(point, to: &bindings, evenly: evenly)
            shares.system.write(shares.point, to: &bindings, evenly: evenly)
            if isShort(bindings) { return bindings }
        }
        return nil
    }

    /// Gives roles as many members as they should have.
    func resize(_ bindings: inout TemplateBindings, _ counts: [Int?]) {
        for (index, count) in counts.enumerated() {
            guard let count else { continue }
            bindings.parties[index] = TemplateBindings.sampleAccounts(of: index, count: count)
        }
        for (index, parameter) in parameters.enumerated() {
            guard let role = parameter.role else { continue }
            let count = bindings.parties[role].count
            let first = bindings.values[index].first ?? parameter.range.lowerBound
            bindings.values[index] = Array(repeating: first, count: count)
        }
    }

    /// Whether bindings keep to everything that is required and yet leave a negative rest.
    func isShort(_ bindings: TemplateBindings) -> Bool {
        guard (try? checkRequirements(bindings)) != nil, (try? price(bindings)) != nil else {
            return false
        }
        return (try? instantiatedLines(bindings)) == nil
    }
}
