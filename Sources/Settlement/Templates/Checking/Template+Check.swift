import Ledger

extension Template {
    /// How many cells of tableaus a check computes at most; a template for which that is not enough is
    /// refused.
    static let proofBudget = 400_000

    /// Finds out whether every order from it ends, loses nothing, fits, and is never short.
    ///
    /// That each gate ends by itself was found when it was read. The rest is executed and computed here,
    /// within bounds that are part of the language.
    public func check() -> TemplateVerdict {
        var work: UInt64 = 0
        return check(work: &work) { (_) throws(Never) in }
    }

    /// As ``check()``, and says what it cost, refused or not.
    ///
    /// - Parameters:
    ///   - work: what the check cost is added: one for each gate, line or cell of a tableau that it
    ///     looked at.
    ///   - willPlay: is told what will be played before it is: as ``plays`` counts it, but for the members
    ///     that there really are, which requirements can make more than the least. Not called where the
    ///     template is refused before.
    /// - Returns: what was found.
    /// - Throws: what `willPlay` does; nothing was played then.
    public func check<Refusal>(
        work: inout UInt64, willPlay: (_ plays: Int) throws(Refusal) -> Void
    ) throws(Refusal) -> TemplateVerdict {
        guard outcomeCount <= Self.outcomeLimit, plays <= Self.playLimit else {
            return .refused(
                fault(
                    "/gates",
                    "\(outcomeCount) combinations of outcomes with so many gates and lines: "
                        + "\(plays) plays, at most \(Self.playLimit) allowed"), nil)
        }
        var budget = Self.proofBudget
        defer { work += UInt64(Self.proofBudget - max(budget, 0)) }
        let sample: Sample
        switch findSample(members: 1, &budget) {
        case .found(let found): sample = found
        case .impossible:
            return .refused(
                fault("/require", "no bindings at all keep to bounds and requirements"), nil)
        case .unknown:
            return .refused(
                fault(
                    "/require", "no bindings were found that keep to bounds and requirements"), nil)
        }
        if let refusal = refuseShort(sample, &budget) { return refusal }
        // Where what is required needs more members than the roles say.
        let made = (try? instantiatedLines(sample.bindings).count) ?? 0
        let plays = plays(lines: made)
        guard plays <= Self.playLimit else {
            return .refused(
                fault(
                    "/require",
                    "it needs \(made) lines, which are too many to play: say with least how many "
                        + "members a role has"), nil)
        }
        try willPlay(plays)
        if let refusal = playAll(sample, &work) { return refusal }
        return .accepted(facts)
    }

    private var facts: TemplateFacts {
        TemplateFacts(
            outcomeCount: outcomeCount, lines: linesMost, gates: gates.count,
            attestors: attestorsMost, bytes: bytesMost,
            openingGas: Gas.opening(
                lines: linesMost, gates: gates.count, attestors: attestorsMost,
                parties: partiesMost),
            settlingGas: settlingGasMost, longest: longestSeconds)
    }

    /// The refusal where the lines could come to more than the price.
    private func refuseShort(_ sample: Sample, _ budget: inout Int) -> TemplateVerdict? {
        let rest = lines.firstIndex { $0.amount == .rest } ?? 0
        switch shortness(sample.bindings, &budget) {
        case .never: return nil
        case .unknown:
            return .refused(
                fault(
                    "/lines/\(rest)",
                    "it could not be shown that the rest is never negative; require less, or more plainly"
                ), nil)
        case .shown(let bindings):
            var what = "the lines are more than the price"
            do throws(TemplateFault) { _ = try instantiatedLines(bindings) } catch {
                what = error.why
            }
            return .refused(
                fault("/lines/\(rest)", "the rest can be negative: \(what)"),
                Counterexample(
                    bindings: bindings.json(for: self), now: sample.now, outcomes: [], what: what))
        }
    }

    /// Plays every combination of outcomes; the refusal where one of them leaves money stuck.
    private func playAll(_ sample: Sample, _ work: inout UInt64) -> TemplateVerdict? {
        var stuck: (outcomes: [GateOutcome], why: String)?
        do throws(TemplateFault) {
            work += try play(sample.bindings, now: sample.now, keepsPayments: false) { _ in
                GateOutcome.attested
            } visit: { play in
                stuck = play.fault.map { (play.outcomes, $0) }
                return stuck == nil
            }
        } catch {
            return .refused(fault("", error.why), nil)
        }
        guard let stuck else { return nil }
        return .refused(
            fault("/gates", "money is stuck: \(stuck.why)"),
            Counterexample(
                bindings: sample.bindings.json(for: self), now: sample.now,
                outcomes: stuck.outcomes, what: stuck.why))
    }
}
