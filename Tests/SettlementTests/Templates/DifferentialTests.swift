import Foundation
import Ledger
import Settlement
import Testing
import Tokens

/// Random templates, bindings and histories against what the checker says. A failure names the seed.
struct DifferentialTests {
    /// How many templates; `TEMPLATES=10000` plays more of them, `Tools/test` 3,000.
    static let count = ProcessInfo.processInfo.environment["TEMPLATES"].flatMap { Int($0) } ?? 800
    static let parts = 8

    /// What happened, so that one sees that all of it does.
    struct Tally {
        var accepted = 0
        var short = 0
        var unfit = 0
        var unknown = 0
        var opened = 0
    }

    @Test(arguments: 0..<parts)
    func `what is accepted is never stuck nor short, and what is refused as short is`(
        part: Int
    ) throws {
        var tally = Tally()
        for number in 0..<Self.count / Self.parts {
            try judge(seed: UInt64(number * Self.parts + part), &tally)
        }
        print("part \(part): \(tally)")
        let all = Self.count / Self.parts
        // The search gives up for next to none; what is too little for a claim is not counted.
        if all >= 50 {
            #expect(tally.unknown * 12 <= all)
            #expect(
                tally.accepted * 10 >= all && tally.short * 10 >= all && tally.opened * 4 >= all)
        }
    }

    private func judge(seed: UInt64, _ tally: inout Tally) throws {
        var random = RandomTemplate(seed: seed)
        let text = random.text()
        let template: Template
        do throws(TemplateFault) {
            template = try Template(parsing: Array(text.utf8))
        } catch {
            // Where the price is a sum, chance may compare something with itself.
            #expect(
                error.why.hasPrefix("nothing that bindings could change"), "seed \(seed): \(error)")
            return
        }
        switch template.check() {
        case .accepted(let facts):
            tally.accepted += 1
            #expect(facts.outcomeCount <= Template.outcomeLimit)
            try play(template, &random, seed, &tally)
        case .refused(let fault, let shown?):
            tally.short += 1
            let bindings = try TemplateBindings(parsing: shown.bindings, for: template)
            do throws(TemplateFault) {
                _ = try template.instantiate(bindings, now: shown.now)
                Issue.record("seed \(seed): not short, \(fault)")
            } catch {
                #expect(error.why.contains("more than the price"), "seed \(seed): \(error)")
            }
        case .refused(let fault, nil) where fault.why.contains("at all"):
            tally.unfit += 1
            for _ in 0..<20 {
                let text = random.bindings(for: template, now: 100, sample: nil)
                let bindings = try TemplateBindings(parsing: Array(text.utf8), for: template)
                #expect(
                    (try? template.instantiate(bindings, now: 100)) == nil,
                    "seed \(seed): these do fit \(text)")
            }
        case .refused(_, nil):
            tally.unknown += 1
        }
    }

    /// Opens orders with random bindings, and lets anything happen to them.
    private func play(
        _ template: Template, _ random: inout RandomTemplate, _ seed: UInt64, _ tally: inout Tally
    ) throws {
        let sample = template.sample()?.bindings
        #expect(sample != nil, "seed \(seed): no sample")
        var terms: Terms?
        for _ in 0..<12 {
            let text = random.bindings(for: template, now: 0, sample: sample)
            let bindings = try TemplateBindings(parsing: Array(text.utf8), for: template)
            do throws(TemplateFault) {
                let found = try template.instantiate(bindings, now: 0)
                if found.lines.reduce(0, { $0 + $1.amount }) <= 100_000 { terms = found }
            } catch {
                #expect(
                    !error.why.contains("more than the price"), "seed \(seed): short with \(text)")
            }
        }
        guard let terms else { return }
        tally.opened += 1
        let ledger = try HistoryTests.ledger(stepLimit: seed % 3 == 0 ? 2 : 20_000)
        var id: UInt64 = 0
        try ledger.perform { book throws(Rejection) in id = try book.open(terms, by: terms.buyer) }
        var world = RandomWorld(seed: seed)
        for _ in 0..<50 { _ = HistoryTests.apply(world.next(ledger.book), to: ledger) }
        try settle(ledger, id, seed)
    }

    /// Lets all time pass, pays what is owed, and looks whether anything is left.
    private func settle(_ ledger: TestLedger, _ id: UInt64, _ seed: UInt64) throws {
        ledger.advance(to: 1 << 41)
        for _ in 0..<3 { ledger.advance(to: ledger.state.block.now + 1) }
        let faults = Audit(ledger.book).orderFaults(in: id...id)
        #expect(faults == [], "seed \(seed)")
        var order = try #require(ledger.book.view(of: id))
        let ends: [GateState] = [.met, .failed]
        if order.summary.status == .open {
            #expect(order.gates.allSatisfy { ends.contains($0.state) }, "seed \(seed)")
            let payer = TestLedger.address("payer")
            let owed = order.summary.outstanding
            try ledger.perform { book throws(Rejection) in
                try book.tokens.mint(owed, of: order.token, to: payer, by: TestLedger.issuer)
                try book.fund(order: id, amount: owed, by: payer)
            }
            for _ in 0..<3 { ledger.advance(to: ledger.state.block.now + 1) }
            order = try #require(ledger.book.view(of: id))
        }
        #expect(order.summary.status == .closed, "seed \(seed)")
        for line in order.lines {
            #expect(line.summary.paid + line.summary.voided == line.summary.amount, "seed \(seed)")
        }
        #expect(ledger.faults(RandomWorld.accounts + ["payer"]) == [], "seed \(seed)")
    }
}
