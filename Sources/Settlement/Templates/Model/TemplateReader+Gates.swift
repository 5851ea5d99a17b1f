import Ledger

extension TemplateReader {
    /// A gate as it is written, its names not yet looked up.
    private struct WrittenGate {
        let name: String
        let members: Members
        let follows: String?
    }

    mutating func readGates(_ field: Field) {
        guard let table = reader.table(field, limit: Terms.gateLimit) else { return }
        let known = [
            "attest", "need", "by", "late", "arbitration", "silent", "follows", "from",
        ]
        let names = table.map(\.name)
        var written: [WrittenGate] = []
        for (name, _, field) in table {
            guard let members = reader.members(field, known) else { continue }
            let follows = members["follows"].flatMap {
                reader.reference($0, to: names, "gate")
            }
            written.append(
                WrittenGate(name: name, members: members, follows: follows.map { names[$0] }))
        }
        for gate in inOrder(written) {
            if let rule = rule(gate) { gates.append(rule) }
        }
        let attested = gates.count(where: \.isAttested)
        if attested > Template.attestedGateLimit {
            reader.fault(
                field, "\(attested) attested gates, at most \(Template.attestedGateLimit) allowed")
        }
    }

    /// Each gate after the one that it follows, else by name; those of a circle, a fault, last.
    private mutating func inOrder(_ written: [WrittenGate]) -> [WrittenGate] {
        var left = written
        var sorted: [WrittenGate] = []
        var done: Set<String> = []
        while let index = left.firstIndex(where: { $0.follows.map(done.contains) ?? true }) {
            let gate = left.remove(at: index)
            done.insert(gate.name)
            sorted.append(gate)
        }
        // Those that are left wait for each other, or for one that does.
        for gate in left {
            var path = [gate.name]
            while let next = left.first(where: { $0.name == path.last })?.follows,
                !path.contains(next)
            {
                path.append(next)
            }
            let end = left.first { $0.name == path.last }?.follows
            guard end == gate.name else { continue }
            let circle = (path + [gate.name]).joined(separator: " → ")
            reader.fault(
                gate.members.field("follows"), "it never ends, as gates run in a circle: \(circle)")
        }
        return sorted + left
    }

    private mutating func rule(_ gate: WrittenGate) -> Template.GateRule? {
        let members = gate.members
        let follows = gate.follows.flatMap { name in gates.firstIndex { $0.name == name } }
        let from = members["from"].flatMap { moment($0, isFollowing: gate.follows != nil) }
        guard let attestField = members["attest"] else {
            for name in ["need", "by", "late", "arbitration", "silent"] {
                guard let field = members[name] else { continue }
                reader.fault(field, "nobody attests the gate, so that time alone meets it")
            }
            if members["from"] == nil, members["follows"] == nil {
                reader.fault(members.field, "it never ends: attest, from or follows wanted")
            }
            return Template.GateRule(
                name: gate.name, attest: [], need: 0, from: from, by: nil, late: .fail,
                arbitration: nil, silenceMeets: false, follows: follows)
        }
        let attest = attestors(attestField)
        let need = self.need(members, attest)
        if members["by"] == nil {
            reader.fault(members.field, "it never ends: it has no time by which it is decided")
        }
        let by = members["by"].flatMap { moment($0, isFollowing: gate.follows != nil) }
        let late =
            members["late"].flatMap {
                reader.choice(
                    $0, [("fail", .fail), ("meet", .meet), ("arbitrate", OnTimeout.arbitrate)])
            } ?? .fail
        let arbitration = members["arbitration"].flatMap { moment($0, isFollowing: true) }
        let silenceMeets =
            members["silent"].flatMap {
                reader.choice($0, [("fail", false), ("meet", true)])
            } ?? false
        checkArbitration(members, late, attest)
        return Template.GateRule(
            name: gate.name, attest: attest, need: need, from: from, by: by, late: late,
            arbitration: arbitration, silenceMeets: silenceMeets, follows: follows)
    }

    private mutating func attestors(_ field: Field) -> [Int] {
        guard let elements = reader.elements(field, limit: Template.roleLimit) else { return [] }
        if elements.isEmpty { reader.fault(field, "leave it out where nobody attests") }
        var found: [Int] = []
        for element in elements {
            guard let role = reader.reference(element, to: roles.map(\.name), "role") else {
                continue
            }
            if found.contains(role) { reader.fault(element, "a role for the second time") }
            found.append(role)
        }
        let most = found.reduce(0) { $0 + roles[$1].members.upperBound }
        if most > Terms.attestorLimit {
            reader.fault(
                field, "up to \(most) accounts attest, at most \(Terms.attestorLimit) allowed")
        }
        return found
    }

    private mutating func need(_ members: Members, _ attest: [Int]) -> Int {
        let least = attest.reduce(0) { $0 + roles[$1].members.lowerBound }
        guard let field = members["need"] else {
            if attest.contains(where: { roles[$0].isMany }) {
                reader.fault(members.field, "it has no need: how many of the members are enough")
            }
            return least
        }
        guard let need = reader.integer(field, 1...UInt64(Terms.attestorLimit)) else { return 1 }
        if need > least {
            reader.fault(field, "it could never be met: only \(least) are sure to attest")
        }
        return Int(need)
    }

    private mutating func checkArbitration(_ members: Members, _ late: OnTimeout, _ attest: [Int]) {
        guard late == .arbitrate else {
            for name in ["arbitration", "silent"] {
                guard let field = members[name] else { continue }
                reader.fault(field, "no arbiter is asked, unless late is arbitrate")
            }
            return
        }
        if members["arbitration"] == nil {
            reader.fault(members.field, "it never ends: the arbiter has no time, arbitration")
        }
        guard let arbiter = roles.firstIndex(where: \.isArbiter) else {
            reader.fault(members.field("late"), "no role is the arbiter")
            return
        }
        if attest.contains(arbiter) {
            reader.fault(members.field("attest"), "the arbiter decides where others disagree")
        }
    }

    /// A duration or the name of a parameter; where nothing is followed, that may be a time.
    mutating func moment(_ field: Field, isFollowing: Bool) -> Template.Moment? {
        if case .string(let text) = field.node.value, FieldReader.isIdentifier(text) {
            guard let index = reader.reference(field, to: parameters.map(\.name), "parameter")
            else { return nil }
            let parameter = parameters[index]
            guard parameter.role == nil,
                parameter.type == .duration || (parameter.type == .time && !isFollowing)
            else {
                reader.fault(
                    field, isFollowing ? "one duration wanted" : "one time or duration wanted")
                return nil
            }
            return .parameter(index)
        }
        return value(field, .duration).map { .after(UInt64($0)) }
    }
}
