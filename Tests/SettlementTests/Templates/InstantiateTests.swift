import Ledger
import Settlement
import Testing

/// The purchase order of the design page, from its text to its money.
struct InstantiateTests {
    @Test func `its terms are those of the rules`() throws {
        let terms = try PurchaseOrder.template.instantiate(PurchaseOrder.bind(), now: 1_000_000)
        let address = TestLedger.address
        #expect(
            terms.lines == [
                Terms.Line(tier: 0, payee: address("carrier"), amount: 50, gate: 1),
                Terms.Line(tier: 1, payee: address("steel"), amount: 200, gate: 1),
                Terms.Line(tier: 1, payee: address("glass"), amount: 101, gate: 1),
                Terms.Line(tier: 2, payee: address("maker"), amount: 617, gate: 2),
                Terms.Line(tier: 2, payee: address("maker"), amount: 32, gate: 3),
            ])
        #expect(
            terms.gates == [
                Terms.Gate(
                    attestors: [address("carrier"), address("buyer")], threshold: 2,
                    deadline: 2_000_000),
                Terms.Gate(
                    attestors: [address("lab")], threshold: 1, deadline: 14 * 86_400,
                    onTimeout: .arbitrate, follows: 1, silenceMeets: true,
                    arbitrationPeriod: 30 * 86_400),
                Terms.Gate(attestors: [], threshold: 0, notBefore: 365 * 86_400, follows: 2),
            ])
        #expect(terms.buyer == address("buyer") && terms.arbiter == address("chamber"))
        #expect(terms.token == .dip && terms.dueAt == 0 && terms.document == .zero)
    }

    @Test func `its examples hold`() {
        let results = PurchaseOrder.template.runExamples()
        #expect(results.count == 6)
        for result in results { #expect(result.passes, "\(result.number): \(result.differences)") }
    }

    @Test func `its table of outcomes has a row for each combination`() throws {
        let outcomes = try PurchaseOrder.template.outcomes(
            of: PurchaseOrder.bind(), now: 1_000_000)
        #expect(outcomes.count == 10)
        #expect(PurchaseOrder.template.outcomeCount == 10)
        for outcome in outcomes {
            #expect(outcome.paid.joined().reduce(0, +) + outcome.refund == 1000)
            #expect(outcome.payments.reduce(0) { $0 + $1.amount } == 1000)
        }
        let first = try #require(outcomes.first)
        #expect(first.gates.map(\.outcome) == [.met, .met, .met])
        #expect(first.closedAt == 1_000_000 + 365 * 86_400)
        #expect(first.payments.last?.isRetained == true)
    }

    @Test func `it is accepted`() throws {
        guard case .accepted(let facts) = PurchaseOrder.template.check() else {
            Issue.record("refused: \(PurchaseOrder.template.check())")
            return
        }
        #expect(facts.outcomeCount == 10)
        #expect(facts.lines == 203 && facts.gates == 3 && facts.attestors == 3)
    }
}
