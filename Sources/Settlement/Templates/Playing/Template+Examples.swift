import Ledger

/// What came of a case of an example.
public struct ExampleResult: Sendable, Equatable {
    /// The example's name.
    public let example: String
    /// Which of its cases, from 0.
    public let number: Int
    /// Each difference from what was expected, in one line; empty where there is none.
    public let differences: [String]
    /// What came of it; nil where the order could not be opened.
    public let outcome: TemplateOutcome?

    /// Whether all came as expected.
    public var passes: Bool { differences.isEmpty }
}

extension Template {
    /// Plays every case of every example; an example without cases must only open.
    public func runExamples() -> [ExampleResult] {
        examples.flatMap { example in
            example.cases.isEmpty
                ? [run(example, nil, 0)]
                : example.cases.enumerated().map { run(example, $0.element, $0.offset) }
        }
    }

    private func run(_ example: Example, _ expected: Example.Case?, _ number: Int) -> ExampleResult
    {
        var outcomes = [GateOutcome](repeating: .met, count: gates.count)
        for (gate, outcome) in expected?.gates ?? [] { outcomes[gate] = outcome }
        do throws(TemplateFault) {
            let outcome = try outcome(of: example.bindings, now: example.now, where: outcomes)
            return ExampleResult(
                example: example.name, number: number,
                differences: expected.map { differences(outcome, $0) } ?? [], outcome: outcome)
        } catch {
            return ExampleResult(
                example: example.name, number: number, differences: [error.description],
                outcome: nil)
        }
    }

    private func differences(_ outcome: TemplateOutcome, _ expected: Example.Case) -> [String] {
        var found: [String] = []
        for (role, amounts) in expected.paid {
            for (member, amount) in amounts.enumerated() where outcome.paid[role][member] != amount
            {
                let name = String(pointer(of: roles[role], member).dropFirst())
                found.append("\(name) gets \(outcome.paid[role][member]), expected \(amount)")
            }
        }
        if let refund = expected.refund, refund != outcome.refund {
            found.append("the buyer gets back \(outcome.refund), expected \(refund)")
        }
        for (gate, wanted) in expected.gates
        where outcome.gates[gate].outcome == .skipped || outcome.gates[gate].outcome == .moot {
            found.append(
                "gate \(gates[gate].name) is never reached, expected \(wanted.name)")
        }
        return found
    }
}
