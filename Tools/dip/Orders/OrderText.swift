import JSON
import Ledger
import Settlement

/// An order of `dip_order` or `dip_tree` as text.
struct OrderText {
    private let order: JSON
    private let names: Names
    private let currency: Currency
    /// The template that it was opened from, for the names of gates.
    private let texts: TemplateTexts?

    init(_ order: JSON, _ names: Names, _ texts: TemplateTexts? = nil) {
        self.order = order
        self.names = names
        self.texts = texts
        currency = Currency(order) ?? .unknown
    }

    private func account(_ name: String, in json: JSON? = nil) -> String? {
        (json ?? order)[name]?.address.map { names.text($0) }
    }

    private func sum(_ name: String, in json: JSON? = nil) -> String {
        currency.text((json ?? order)[name])
    }

    private func isPositive(_ name: String, in json: JSON) -> Bool { (json[name]?.whole ?? 0) > 0 }

    // MARK: One order

    /// All that is known of it.
    func full() {
        Output.line("Order \(order["id"]?.plain ?? "?"), \(order["status"]?.plain ?? "?")")
        var facts: [(String, String)] = [
            ("buyer", account("buyer") ?? "?"), ("price", sum("price")),
            ("outstanding", sum("outstanding")),
        ]
        if let proposer = account("proposer"), order["proposer"] != order["buyer"] {
            facts.append(("proposed by", proposer))
        }
        if isPositive("funded", in: order) { facts.append(("received", sum("funded"))) }
        if isPositive("refunded", in: order) { facts.append(("given back", sum("refunded"))) }
        if let texts {
            facts.append(("template", "\(texts.name) (\(LedgerTemplate.short(texts.id)))"))
        }
        if let arbiter = account("arbiter") { facts.append(("arbiter", arbiter)) }
        facts.append(("opened", Moment.text(order["openedAt"]?.whole64 ?? 0)))
        if let due = order["dueAt"]?.whole64, due > 0 { facts.append(("due", Moment.text(due))) }
        if let guarantor = account("guarantor") {
            facts.append(("guarantee", "\(sum("guarantee")) by \(guarantor)"))
        }
        if let reimbursement = order["reimbursement"]?.whole, reimbursement > 0 {
            facts.append(("guarantor paid by", "order \(reimbursement)"))
        }
        if let document = order["document"]?.string, Hash32(hex: document) != .zero {
            facts.append(("document", Digest.text(document)))
        }
        if let next = order["nextTimer"]?.whole64, next > 0 {
            facts.append(("next timer", Moment.text(next)))
        }
        let sources = (order["sources"]?.elements ?? []).map {
            "order \($0["order"]?.plain ?? "?") line \($0["line"]?.plain ?? "?")"
        }
        if !sources.isEmpty { facts.append(("paid out of", sources.joined(separator: ", "))) }
        let children = (order["children"]?.elements ?? []).map(\.plain)
        if !children.isEmpty { facts.append(("pays orders", children.joined(separator: ", "))) }
        let width = facts.map(\.0.count).max() ?? 0
        for (name, value) in facts {
            Output.line("  \(name)\(String(repeating: " ", count: width - name.count))  \(value)")
        }
        lines()
        gates()
    }

    private func lines() {
        let rows = (order["lines"]?.elements ?? []).map { line -> [String] in
            let claims = (line["claims"]?.elements ?? []).map { claim in
                let holder = claim["order"]?.whole64.map { "order \($0)" }
                return "\(holder ?? claim["holder"]?.address.map { names.short($0) } ?? "?") "
                    + currency.number(claim["units"]?.whole ?? 0)
            }
            return [
                line["index"]?.plain ?? "?", line["tier"]?.plain ?? "?",
                line["payee"]?.address.map { names.short($0) } ?? "?",
                currency.number(line["amount"]?.whole ?? 0),
                currency.number(line["paid"]?.whole ?? 0),
                currency.number(line["voided"]?.whole ?? 0),
                line["gate"]?.whole.map { "\($0)" } ?? "", claims.joined(separator: ", "),
            ]
        }
        Output.line("")
        Output.table(
            ["line", "tier", "payee", "amount", "paid", "voided", "gate", "claims, first in time"],
            rows, right: [0, 1, 3, 4, 5, 6])
    }

    private func gates() {
        let gates = order["gates"]?.elements ?? []
        guard !gates.isEmpty else { return }
        Output.line("")
        for gate in gates {
            let state = gate["state"]?.string ?? "?"
            var text = "gate \(gate["index"]?.plain ?? "?")\(name(of: gate)), \(state)"
            if state == "met" {
                text += " to \(Arguments.percent(bps: gate["bps"]?.whole64 ?? 0))"
            }
            if let follows = gate["follows"]?.whole { text += ", after gate \(follows)" }
            Output.line(text)
            let attestors = (gate["attestors"]?.elements ?? []).compactMap(\.address)
            if !attestors.isEmpty {
                let list = attestors.map { names.short($0) }.joined(separator: ", ")
                Output.line("  \(gate["threshold"]?.plain ?? "?") of \(list)")
            }
            for word in gate["said"]?.elements ?? [] {
                let who = word["attestor"]?.address.map { names.short($0) } ?? "?"
                let share = Arguments.percent(bps: word["bps"]?.whole64 ?? 0)
                Output.line("  \(who) said \(share)")
            }
            Output.line("  " + times(gate))
        }
    }

    /// What the template calls a gate.
    private func name(of gate: JSON) -> String {
        guard let texts, let index = gate["index"]?.whole64.flatMap({ Int(exactly: $0) }),
            texts.template.gates.indices.contains(index)
        else { return "" }
        return " (\(texts.gate(index)))"
    }

    private func times(_ gate: JSON) -> String {
        var parts: [String] = []
        let waits = gate["follows"]?.whole != nil && (gate["opensAt"]?.whole ?? 0) == 0
        func time(_ name: String, _ agreed: String, _ words: String) {
            if let at = gate[name]?.whole64, at > 0 {
                parts.append("\(words) \(Moment.text(at))")
            } else if let seconds = gate[agreed]?.whole64, seconds > 0 {
                parts.append(
                    waits
                        ? "\(words) \(TimeSpan.text(seconds)) after that gate"
                        : "\(words) \(Moment.text(seconds))")
            }
        }
        time("opensAt", "notBefore", "not before")
        time("dueAt", "deadline", "until")
        let state = gate["state"]?.string
        if state == "pending", let outcome = gate["onTimeout"]?.string,
            (gate["threshold"]?.whole ?? 0) > 0
        {
            parts.append("then \(outcome)")
        }
        if state == "disputed", let ends = gate["arbitrationEndsAt"]?.whole64, ends > 0 {
            let silence = gate["silenceMeets"]?.bool == true ? "meet" : "fail"
            parts.append("the arbiter has until \(Moment.text(ends)), then \(silence)")
        }
        return parts.isEmpty ? "no times" : parts.joined(separator: ", ")
    }

    // MARK: The chain below it

    /// The order and what hangs below it, a line each.
    func tree() { node(order, prefix: "", last: true, isRoot: true, depth: 0) }

    private func node(_ node: JSON, prefix: String, last: Bool, isRoot: Bool, depth: Int) {
        let branch = isRoot ? "" : last ? "└─ " : "├─ "
        let id = node["id"]?.plain ?? "?"
        guard node["repeated"]?.bool != true else {
            return Output.line("\(prefix)\(branch)order \(id) (shown above)")
        }
        let buyer = node["buyer"]?.address.map { names.text($0) } ?? "?"
        var text =
            "order \(id), \(node["status"]?.plain ?? "?"): \(buyer) owes \(sum("price", in: node))"
        if isPositive("outstanding", in: node) {
            text += ", outstanding \(sum("outstanding", in: node))"
        }
        Output.line(prefix + branch + text)
        let inner = isRoot ? "" : prefix + (last ? "   " : "│  ")
        let lines = node["lines"]?.elements ?? []
        // The levels of orders bound the depth at 64; a node that says otherwise is not followed.
        let children = depth < 64 ? node["children"]?.elements ?? [] : []
        for (index, line) in lines.enumerated() {
            let isLast = index == lines.count - 1 && children.isEmpty
            let payee = line["payee"]?.address.map { names.text($0) } ?? "?"
            var text = "\(payee): \(sum("amount", in: line)), paid \(sum("paid", in: line))"
            if isPositive("voided", in: line) { text += ", voided \(sum("voided", in: line))" }
            Output.line("\(inner)\(isLast ? "└─ " : "├─ ")\(text)")
        }
        for (index, child) in children.enumerated() {
            self.node(
                child, prefix: inner, last: index == children.count - 1, isRoot: false,
                depth: depth + 1)
        }
    }
}
