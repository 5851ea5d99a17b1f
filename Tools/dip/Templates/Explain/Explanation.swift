import JSON
import Ledger
import Settlement

/// What comes of an order from a template, for given bindings: the page that somebody signs off.
struct Explanation {
    /// The most outcomes of which all are printed unless everything is asked for.
    static let shownOutcomes = 64

    let texts: TemplateTexts
    let bindings: TemplateBindings
    let currency: Currency
    /// When the order is opened.
    let now: UInt64
    let outcomes: [TemplateOutcome]

    private var template: Template { texts.template }
    private var words: TemplateWords { texts.words }

    /// Plays every combination of outcomes.
    ///
    /// - Throws: as ``Template/outcomes(of:now:)``.
    init(
        _ texts: TemplateTexts, _ bindings: TemplateBindings, _ currency: Currency, now: UInt64
    ) throws(TemplateFault) {
        self.texts = texts
        self.bindings = bindings
        self.currency = currency
        self.now = now
        outcomes = try texts.template.outcomes(of: bindings, now: now)
    }

    /// What the buyer owes.
    var price: UInt128 { (try? template.price(bindings)) ?? 0 }

    // MARK: The table

    /// The roles that any line pays.
    private var paidRoles: [Int] { Set(template.lines.map(\.to)).sorted() }

    private var attested: [Int] { template.gates.indices.filter { template.gates[$0].isAttested } }

    /// A row for each outcome: how the gates end, who gets how much, and by when all is over.
    ///
    /// - Parameter all: whether those with several things gone wrong are shown too where there are many.
    /// - Returns: the lines.
    func table(all: Bool) -> [String] {
        let isShort = !all && outcomes.count > Self.shownOutcomes
        let shown = isShort ? outcomes.filter { deviations($0) <= 1 } : outcomes
        let rows = shown.map { row($0) }
        let first = attested.map { texts.gate($0) }
        let header =
            first + paidRoles.map { texts.role($0) } + [words.back, words.over]
        let numbers = Set(first.count..<(header.count - 1))
        var lines = Output.lines(ofTable: header, rows, right: numbers)
        if shown.count < outcomes.count {
            lines.append(words.more(outcomes.count - shown.count))
        }
        return lines
    }

    /// How many gates end otherwise than met in full.
    private func deviations(_ outcome: TemplateOutcome) -> Int {
        attested.count { ![.met, .skipped, .moot].contains(outcome.gates[$0].outcome) }
    }

    private func row(_ outcome: TemplateOutcome) -> [String] {
        attested.map { words.outcome(outcome.gates[$0].outcome) }
            + paidRoles.map { currency.number(outcome.paid[$0].reduce(0, +)) }
            + [
                currency.number(outcome.refund),
                outcome.closedAt == nil ? words.never : words.time(latestEnd(of: outcome), now),
            ]
    }

    // MARK: Time

    /// When the escrow should be full; nil where nothing is said.
    var due: UInt64? {
        if let moment = template.due { return end(of: moment, from: now) }
        return bindings.dueAt == 0 ? nil : bindings.dueAt
    }

    /// When each gate has ended at the latest: its attestors may take all their time, and the arbiter too.
    private var latestEnds: [UInt64] {
        var ends: [UInt64] = []
        for gate in template.gates {
            let start = gate.follows.map { ends[$0] } ?? now
            let last = gate.isAttested ? gate.by : gate.from
            let arbitration = gate.late == .arbitrate ? gate.arbitration : nil
            ends.append(
                (last.map { end(of: $0, from: start) } ?? start)
                    + (arbitration.map { end(of: $0, from: 0) } ?? 0))
        }
        return ends
    }

    private func end(of moment: Template.Moment, from start: UInt64) -> UInt64 {
        switch moment {
        case .after(let seconds): start + seconds
        case .parameter(let index):
            template.parameters[index].type == .duration
                ? start + UInt64(clamping: value(index)) : UInt64(clamping: value(index))
        }
    }

    private func value(_ parameter: Int) -> UInt128 { bindings.values[parameter].first ?? 0 }

    /// When an outcome has come at the latest.
    private func latestEnd(of outcome: TemplateOutcome) -> UInt64 {
        let ends = latestEnds
        return template.gates.indices
            .filter { ![.skipped, .moot].contains(outcome.gates[$0].outcome) }.map { ends[$0] }
            .max() ?? now
    }

    /// A gate with the time that it has: a day, or a length after the gate that it follows.
    private func term(_ gate: Int) -> String {
        let rule = template.gates[gate]
        guard let moment = rule.isAttested ? rule.by : rule.from else { return texts.gate(gate) }
        let start = rule.follows == nil ? now : 0
        let end = end(of: moment, from: start)
        let time =
            if rule.follows == nil {
                rule.isAttested ? words.by(words.day(end)) : words.day(end)
            } else {
                rule.isAttested ? words.within(words.span(end)) : words.later(words.span(end))
            }
        return texts.gate(gate) + words.comma + time
    }

    /// Each payment of an outcome: to whom, how much, for what, and what it waits for.
    func timeline(_ outcome: TemplateOutcome) -> [String] {
        let rows = outcome.payments.map { payment in
            [payee(payment), currency.number(payment.amount), amount(payment), when(payment)]
        }
        return Output.lines(
            ofTable: [words.who, words.howMuch, words.reason, words.when], rows, right: [1])
    }

    private func payee(_ payment: TemplateOutcome.Payment) -> String {
        guard let role = payment.role else { return words.back }
        let name = texts.role(role)
        return template.roles[role].isMany ? "\(name) \(payment.member + 1)" : name
    }

    private func amount(_ payment: TemplateOutcome.Payment) -> String {
        guard let line = payment.line else { return "" }
        let amount = texts.amount(template.lines[line])
        return payment.isRetained ? words.retained(amount) : amount
    }

    private func when(_ payment: TemplateOutcome.Payment) -> String {
        guard let line = payment.line else { return "" }
        let rule = template.lines[line]
        let gate = payment.isRetained ? rule.retain?.until : rule.gate
        return gate.map { term($0) } ?? words.atOnce
    }

    // MARK: For programs

    var json: JSON {
        [
            "price": .string(String(price)), "now": .integer(now),
            "outcomes": .array(outcomes.map { json($0) }),
        ]
    }

    private func json(_ outcome: TemplateOutcome) -> JSON {
        let gates = zip(template.gates, outcome.gates).map { gate, end in
            JSON.Member(
                gate.name,
                .members([
                    ("outcome", .string(end.outcome.name)), ("bps", .integer(end.share)),
                    ("endedAt", end.endedAt.map { .integer($0) }),
                ]))
        }
        let paid = zip(template.roles, outcome.paid).map { role, amounts in
            let texts = amounts.map { JSON.string(String($0)) }
            return JSON.Member(role.name, role.isMany ? .array(texts) : texts[0])
        }
        let payments = outcome.payments.map { payment in
            JSON.members([
                ("at", .integer(payment.at)),
                ("role", payment.role.map { .string(template.roles[$0].name) }),
                ("member", .integer(payment.member)),
                ("line", payment.line.map { .integer($0) }),
                ("amount", .string(String(payment.amount))),
            ])
        }
        return .members([
            ("gates", .object(gates)), ("paid", .object(paid)),
            ("refund", .string(String(outcome.refund))), ("payments", .array(payments)),
            ("closedAt", outcome.closedAt.map { .integer($0) }),
            ("latest", .integer(latestEnd(of: outcome))),
        ])
    }
}
