import Ledger

extension TemplateReader {
    /// The examples of a template that is well formed but for them.
    mutating func examples(of template: Template, _ document: DocumentNode) -> [Template.Example] {
        guard case .object(let members) = document.value,
            let node = members.first(where: { $0.name == "examples" })?.node
        else { return [] }
        let field = Field(node: node, pointer: "/examples")
        guard let elements = reader.elements(field, limit: Template.exampleLimit) else { return [] }
        var examples: [Template.Example] = []
        for element in elements {
            guard !reader.isFull else { break }
            if let example = example(element, template) { examples.append(example) }
            guard reader.entries <= Template.exampleEntryLimit else {
                reader.fault(
                    element,
                    "examples have more than \(Template.exampleEntryLimit) accounts and values "
                        + "up to here, those left out counted too")
                break
            }
        }
        return examples
    }

    private mutating func example(_ field: Field, _ template: Template) -> Template.Example? {
        guard let members = reader.members(field, ["name", "bindings", "now", "cases"]) else {
            return nil
        }
        for name in ["name", "bindings", "now"] where members[name] == nil {
            reader.fault(field, "it has no \(name)")
        }
        let name = members["name"].flatMap { reader.text($0, bytes: 1...256) }
        let now = members["now"].flatMap { value($0, .time) }
        guard let bindingsField = members["bindings"],
            let bindings = TemplateBindings.read(
                bindingsField, for: template, isExample: true, &reader)
        else { return nil }
        var cases: [Template.Example.Case] = []
        if let field = members["cases"],
            let elements = reader.elements(field, limit: Template.exampleLimit)
        {
            cases = elements.compactMap { self.case($0, template, bindings) }
        }
        guard let name, let now else { return nil }
        return Template.Example(name: name, bindings: bindings, now: UInt64(now), cases: cases)
    }

    private mutating func `case`(
        _ field: Field, _ template: Template, _ bindings: TemplateBindings
    ) -> Template.Example.Case? {
        guard let members = reader.members(field, ["gates", "paid", "refund"]) else { return nil }
        var outcomes: [(gate: Int, outcome: GateOutcome)] = []
        if let field = members["gates"] {
            let attested = template.gates.filter(\.isAttested).map(\.name)
            guard let gates = reader.members(field, attested) else { return nil }
            for (index, gate) in template.gates.enumerated() {
                guard let field = gates[gate.name], let outcome = outcome(field) else { continue }
                outcomes.append((index, outcome))
            }
        }
        var paid: [(role: Int, amounts: [UInt128])] = []
        if let field = members["paid"] {
            guard let roles = reader.members(field, template.roles.map(\.name)) else { return nil }
            for (index, role) in template.roles.enumerated() {
                guard let field = roles[role.name] else { continue }
                paid.append((index, amounts(field, role, bindings.parties[index].count)))
            }
        }
        let refund = members["refund"].flatMap { value($0, .amount) }
        return Template.Example.Case(gates: outcomes, paid: paid, refund: refund)
    }

    private mutating func amounts(
        _ field: Field, _ role: Template.Role, _ count: Int
    ) -> [UInt128] {
        guard role.isMany else { return [value(field, .amount) ?? 0] }
        guard let elements = reader.elements(field, limit: Terms.lineLimit) else { return [] }
        if elements.count != count {
            reader.fault(field, "\(elements.count) amounts for \(count) accounts")
        }
        return elements.map { value($0, .amount) ?? 0 }
    }

    /// `met`, `partial`, `refused`, `late`, or a share below all of it.
    private mutating func outcome(_ field: Field) -> GateOutcome? {
        if case .string(let text) = field.node.value, text.utf8.count <= ValueText.bytesLimit,
            let bps = ValueText.share(text), bps > 0, bps < 10_000
        {
            return .partial(UInt16(bps))
        }
        return reader.choice(field, GateOutcome.attested.map { ($0.name, $0) })
    }
}
