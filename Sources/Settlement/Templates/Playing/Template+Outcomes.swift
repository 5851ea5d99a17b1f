import Ledger

extension Template {
    /// How many combinations of gate outcomes there are at most: of each attested gate that is reached, four.
    ///
    /// Fewer have to be told apart where all is paid or voided before the last gate has ended.
    public var outcomeCount: Int {
        // Gates stand behind the one that they follow, so that from the back all followers are known.
        var counts = Array(repeating: 1, count: gates.count)
        var total = 1
        for index in gates.indices.reversed() {
            let gate = gates[index]
            let passes = gate.isAttested ? (gate.isMetWhenLate ? 3 : 2) : 1
            let fails = gate.isAttested ? 4 - passes : 0
            let count = passes * counts[index] + fails
            if let parent = gate.follows { counts[parent] *= count } else { total *= count }
        }
        return total
    }

    /// What playing all of them takes: for each, its gates and two more steps, each of which may touch all
    /// gates and lines, those of a role of many counted once for its least members.
    public var plays: Int {
        let made = lines.reduce(0) { $0 + $1.lines(members: roles[$1.to].members.lowerBound) }
        return plays(lines: made)
    }

    /// What playing all combinations takes with so many lines.
    func plays(lines: Int) -> Int { outcomeCount * (gates.count + 2) * (gates.count + lines) }

    /// What comes of an order with these bindings in every combination of outcomes of its gates.
    ///
    /// Each is played on the settlement code itself; the order is funded when it is opened.
    ///
    /// - Parameters:
    ///   - bindings: what is filled in.
    ///   - now: when the order is opened, in seconds.
    /// - Returns: one outcome for each combination, the one where all goes well first.
    /// - Throws: as ``instantiate(_:now:)``.
    public func outcomes(
        of bindings: TemplateBindings, now: UInt64
    ) throws(TemplateFault) -> [TemplateOutcome] {
        var found: [TemplateOutcome] = []
        try play(bindings, now: now, keepsPayments: true) { _ in
            GateOutcome.attested
        } visit: { play in
            found.append(play.outcome)
            return true
        }
        return found
    }

    /// What comes of an order where its attested gates end in given ways.
    ///
    /// - Parameters:
    ///   - bindings: what is filled in.
    ///   - now: when the order is opened, in seconds.
    ///   - outcomes: by gate, as many as ``gates``; what a time alone decides is not looked at.
    /// - Returns: what comes of it.
    /// - Throws: as ``instantiate(_:now:)``.
    public func outcome(
        of bindings: TemplateBindings, now: UInt64, where outcomes: [GateOutcome]
    ) throws(TemplateFault) -> TemplateOutcome {
        var found: TemplateOutcome?
        try play(bindings, now: now, keepsPayments: true) { gate in
            [outcomes[gate]]
        } visit: { play in
            found = play.outcome
            return true
        }
        guard let found else { preconditionFailure("a play ends") }
        return found
    }

    /// Plays an order through combinations of outcomes.
    ///
    /// - Returns: how much was done.
    @discardableResult
    func play(
        _ bindings: TemplateBindings, now: UInt64, keepsPayments: Bool,
        choices: (Int) -> [GateOutcome], visit: (TemplatePlay) -> Bool
    ) throws(TemplateFault) -> UInt64 {
        let terms = try instantiate(bindings, now: now)
        let lines = try instantiatedLines(bindings)
        do throws(Rejection) {
            var play = try TemplatePlay(
                self, bindings, terms, lines, now: now, keepsPayments: keepsPayments)
            try play.run(choices: choices, visit: visit)
            return play.work
        } catch {
            throw TemplateFault("", "the order cannot be played: \(error.name)")
        }
    }
}
