import Ledger

extension Template {
    /// Finds out whether every order from it ends, loses nothing, fits, and is never short.
    ///
    /// That each gate ends by itself was found when it was read. The rest is executed and computed here,
    /// within bounds that are part of the language.
    public func check() -> TemplateVerdict {
        let plays = outcomeCount * (gates.count + lines.count)
        guard outcomeCount <= Self.outcomeLimit, plays <= Self.playLimit else {
            return .refused(
                fault(
                    "/gates",
                    "\(outcomeCount) combinations of outcomes, each of \(gates.count) gates and "
                        + "\(lines.count) lines: more than \(Self.playLimit) together"), nil)
        }
        let (bindings, now) = niceSample
        var work: UInt64 = 0
        if let refusal = playAll(bindings, now, &work) { return refusal }
        return .accepted(facts(work: work))
    }

    private func facts(work: UInt64) -> TemplateFacts {
        TemplateFacts(
            outcomeCount: outcomeCount, lines: linesMost, gates: gates.count,
            attestors: attestorsMost, bytes: bytesMost,
            openingGas: Gas.opening(
                lines: linesMost, gates: gates.count, attestors: attestorsMost),
            settlingGas: settlingGasMost, longest: longestSeconds, work: work)
    }

    /// Plays every combination of outcomes; the refusal where one of them leaves money stuck.
    private func playAll(
        _ bindings: TemplateBindings, _ now: UInt64, _ work: inout UInt64
    ) -> TemplateVerdict? {
        var stuck: (outcomes: [GateOutcome], why: String)?
        do throws(TemplateFault) {
            work += try play(bindings, now: now, keepsPayments: false) { _ in
                GateOutcome.attested
            } visit: { play in
                stuck = play.fault.map { (play.outcomes, $0) }
                return stuck == nil
            }
        } catch {
            return .refused(fault("", "no order could be opened: \(error.description)"), nil)
        }
        guard let stuck else { return nil }
        return .refused(
            fault("/gates", "money is stuck: \(stuck.why)"),
            Counterexample(
                bindings: bindings.json(for: self), now: now, outcomes: stuck.outcomes,
                what: stuck.why))
    }
}
