import Ledger

extension Template {
    /// Bindings that can be opened, and when.
    public struct Sample: Sendable, Equatable {
        /// What is filled in.
        public let bindings: TemplateBindings
        /// When, in seconds.
        public let now: UInt64
    }

    /// What a search for bindings found.
    enum SampleSearch {
        case found(Sample)
        /// No bindings keep to bounds and requirements.
        case impossible
        /// The search was given up.
        case unknown
    }

    /// Bindings that an order can be opened with, for tables and plays: round numbers if they will do.
    ///
    /// - Returns: nil where there are none, or none were found.
    public func sample() -> Sample? {
        // Two members each show more than one.
        for members in [2, 1] {
            var budget = Self.proofBudget
            guard case .found(let sample) = findSample(members: members, &budget),
                (try? instantiate(sample.bindings, now: sample.now)) != nil
            else { continue }
            return sample
        }
        return nil
    }

    /// Finds bindings that keep to everything but, it may be, that lines are not more than the price.
    ///
    /// - Parameters:
    ///   - members: how many of a role there should be, if they may be so many.
    ///   - budget: cells that may be computed.
    /// - Returns: what was found.
    func findSample(members: Int, _ budget: inout Int) -> SampleSearch {
        let nice = niceSample(members)
        if isSample(nice) { return .found(nice) }
        let counts = nice.bindings.parties.map { Int?($0.count) }
        if case .found(let sample) = search(nice.bindings, counts, &budget) {
            return .found(sample)
        }
        return search(nice.bindings, counts.map { _ in nil }, &budget)
    }

    private func isSample(_ sample: Sample) -> Bool {
        guard let terms = try? instantiate(sample.bindings, now: sample.now) else { return false }
        // One that leaves lines out shows less than it could.
        return terms.lines.count >= lines.count
    }

    /// Looks for values of all parameters together, since they share how many members roles have.
    private func search(
        _ nice: TemplateBindings, _ counts: [Int?], _ budget: inout Int
    ) -> SampleSearch {
        var isImpossible = false
        // Every amount and the rest above 0 if that is possible, else whatever is; and of both first any
        // price, then those of which every share is a whole number.
        for isSpread in [true, false] {
            for isRounded in [false, true] {
                var (system, now) = everything(counts: counts)
                let (form, least) = isSpread ? spread(&system) : ([], .zero)
                if isRounded { system = multiples(system) }
                switch system.linear.integers(form, atLeast: least, &budget) {
                case .exhausted: continue
                case .nothing: if !isSpread, !isRounded { isImpossible = true }
                case .point(let point):
                    var bindings = nice
                    resize(&bindings, system.counts(at: point))
                    system.write(point, to: &bindings, evenly: true)
                    guard (try? checkRequirements(bindings)) != nil else { continue }
                    return .found(
                        Sample(bindings: bindings, now: UInt64(point[now].units ?? 1)))
                }
            }
        }
        return isImpossible ? .impossible : .unknown
    }

    /// Demands that every amount and the rest come to some variable; gives that variable.
    private func spread(
        _ system: inout TemplateSystem
    ) -> (form: LinearSystem.Form, least: ExactInteger) {
        let least = system.linear.variable(from: .zero, to: ExactInteger(10_000))
        for (index, parameter) in parameters.enumerated() where parameter.type == .amount {
            guard let number = system.number(of: .parameter(index)) else { continue }
            system.linear.demand([(number, .one), (least, -.one)])
        }
        let excess = excess(shares: .zero)
        system.linear.demand(
            system.terms(excess, times: -.one) + [(least, ExactInteger(-10_000))],
            -excess.constant)
        return ([(least, .one)], .one)
    }

    /// All parameters, with times and durations in which every gate can be decided, and when the order is
    /// opened.
    private func everything(counts: [Int?]) -> (system: TemplateSystem, now: Int) {
        var system = amounts(counts: counts, with: [.share, .time, .duration])
        let now = system.linear.variable(
            from: .one, to: ExactInteger(Int(Terms.timeLimit - Self.durationLimit)))
        for gate in gates { demand(gate, now, &system) }
        for moment in gates.flatMap({ [$0.from, $0.by] }) + [due] {
            guard case .parameter(let index) = moment, parameters[index].type == .time,
                let number = system.number(of: .parameter(index))
            else { continue }
            system.linear.demand(
                [(number, -.one), (now, .one)], ExactInteger(Int(Self.durationLimit)))
        }
        return (system, now)
    }

    private func demand(_ gate: GateRule, _ now: Int, _ system: inout TemplateSystem) {
        let start: LinearSystem.Form = gate.follows == nil ? [(now, .one)] : []
        let from = gate.from.map { moment($0, start, system) } ?? (start, ExactInteger.zero)
        if let by = gate.by {
            let by = moment(by, start, system)
            for other in [from, (start, .zero)] {
                system.linear.demand(
                    by.form + other.0.map { ($0.variable, -$0.factor) },
                    by.constant - other.1 - .one)
            }
        }
        if let arbitration = gate.arbitration {
            let period = moment(arbitration, [], system)
            system.linear.demand(period.form, period.constant - .one)
        }
    }

    private func moment(
        _ moment: Moment, _ start: LinearSystem.Form, _ system: TemplateSystem
    ) -> (form: LinearSystem.Form, constant: ExactInteger) {
        switch moment {
        case .after(let seconds): return (start, ExactInteger(Int(seconds)))
        case .parameter(let index):
            guard let number = system.number(of: .parameter(index)) else {
                preconditionFailure("a moment is a time or a duration")
            }
            let isTime = parameters[index].type == .time
            return ((isTime ? [] : start) + [(number, .one)], .zero)
        }
    }

    /// Round numbers that often keep to what a template requires, and when to open an order with them.
    private func niceSample(_ members: Int) -> Sample {
        let times = parameters.filter { $0.type == .time }.map { UInt64($0.range.lowerBound) }
        let now = max(times.max() ?? 0, 1_800_000_000)
        let parties = roles.enumerated().map { index, role in
            let wanted = min(max(members, role.members.lowerBound), role.members.upperBound)
            return TemplateBindings.sampleAccounts(of: index, count: wanted)
        }
        let values = parameters.map { parameter in
            let value = parameter.standard ?? nice(parameter, now)
            let held = min(max(value, parameter.range.lowerBound), parameter.range.upperBound)
            return Array(repeating: held, count: parameter.role.map { parties[$0].count } ?? 1)
        }
        var bindings = TemplateBindings(parties: parties, values: values)
        bindings.token = .dip
        return Sample(bindings: bindings, now: now)
    }

    private func nice(_ parameter: Parameter, _ now: UInt64) -> UInt128 {
        switch parameter.type {
        case .amount: parameter.name == "price" ? 1_000_000 : 10_000
        case .share: 1000
        case .time: UInt128(now) + 90 * 86_400
        case .duration: 30 * 86_400
        }
    }
}
