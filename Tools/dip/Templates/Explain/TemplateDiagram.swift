import Settlement

/// A template as a picture: where the money goes, and what it waits for.
struct TemplateDiagram {
    private let texts: TemplateTexts
    private var template: Template { texts.template }
    private var words: TemplateWords { texts.words }

    init(_ texts: TemplateTexts) { self.texts = texts }

    /// What is paid at a gate, or at once: whom, how much.
    private func payments(at gate: Int?) -> [(to: Int, amount: String)] {
        var payments: [(to: Int, amount: String)] = []
        for line in template.lines {
            let amount = texts.amount(line)
            if line.gate == gate {
                let kept = line.retain.map { texts.retention($0) }
                payments.append((line.to, kept.map { words.less(amount, $0) } ?? amount))
            }
            if let retain = line.retain, retain.until == gate {
                payments.append((line.to, words.kept(texts.retention(retain), amount)))
            }
        }
        return payments
    }

    /// The gates that follow a gate; those that follow none for nil.
    private func gates(after gate: Int?) -> [Int] {
        template.gates.indices.filter { template.gates[$0].follows == gate }
    }

    // MARK: Plain text

    /// A tree: under each gate what is paid when it is met, and the gates that follow it.
    var text: [String] {
        let buyer = texts.role(buyerIndex)
        var lines = [words.pays(buyer, texts.price)]
        branches(of: nil, lead: "", into: &lines)
        if !template.gates.isEmpty { lines.append(words.goesBack + buyer) }
        lines += texts.requiredEntities
        return lines
    }

    private func branches(of gate: Int?, lead: String, into lines: inout [String]) {
        let payments = payments(at: gate)
        let next = gates(after: gate)
        let count = payments.count + next.count
        let width = payments.map(\.amount.columns).max() ?? 0
        for (index, payment) in payments.enumerated() {
            let mark = index == count - 1 ? "└─ " : "├─ "
            lines.append(
                lead + mark + payment.amount.padded(to: width) + words.arrow
                    + texts.role(payment.to))
        }
        // A gate follows an earlier one, so that this ends.
        for (index, gate) in next.enumerated() {
            let isLast = payments.count + index == count - 1
            let then = template.gates[gate].follows == nil ? "" : words.then
            lines.append(
                lead + (isLast ? "└─ " : "├─ ") + then + texts.gate(gate) + words.colon
                    + texts.rule(gate))
            branches(of: gate, lead: lead + (isLast ? "   " : "│  "), into: &lines)
        }
    }

    private var buyerIndex: Int { template.roles.firstIndex(where: \.pays) ?? 0 }

    // MARK: Mermaid

    /// A flowchart as Mermaid draws it.
    var mermaid: [String] {
        var lines = ["flowchart LR"]
        let paid = Set(template.lines.map(\.to)).union([buyerIndex])
        for role in paid.sorted() {
            lines.append("  role\(role)([\(Self.quoted(texts.role(role)))])")
        }
        lines.append("  escrow[(\(Self.quoted(words.escrow)))]")
        for (index, gate) in template.gates.enumerated() {
            let text = Self.quoted(texts.gate(index) + "\n" + texts.rule(index))
            lines.append("  gate\(index)" + (gate.isAttested ? "{\(text)}" : "{{\(text)}}"))
        }
        lines.append("  role\(buyerIndex) -->|\(Self.quoted(texts.price))| escrow")
        for (to, amount) in payments(at: nil) {
            lines.append("  escrow -->|\(Self.quoted(amount))| role\(to)")
        }
        for (index, gate) in template.gates.enumerated() {
            lines.append("  \(gate.follows.map { "gate\($0)" } ?? "escrow") ==> gate\(index)")
            for (to, amount) in payments(at: index) {
                lines.append("  gate\(index) -->|\(Self.quoted(amount))| role\(to)")
            }
            if gate.isAttested {
                lines.append("  gate\(index) -.->|\(Self.quoted(words.fails))| role\(buyerIndex)")
            }
        }
        return lines
    }

    /// A text in quotes, in which nothing can end the quotes or start markup.
    private static func quoted(_ text: String) -> String {
        var quoted = ""
        for character in text {
            switch character {
            case "\"": quoted += "#quot;"
            case "#": quoted += "#35;"
            case "<": quoted += "#lt;"
            case ">": quoted += "#gt;"
            case "&": quoted += "#amp;"
            case "\n": quoted += "<br/>"
            default: quoted.append(character)
            }
        }
        return "\"\(quoted)\""
    }
}
