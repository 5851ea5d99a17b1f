import Ledger

extension Template {
    /// The gates of the terms.
    func instantiatedGates(
        _ bindings: TemplateBindings, now: UInt64
    ) throws(TemplateFault) -> [Terms.Gate] {
        var found: [Terms.Gate] = []
        for rule in gates {
            var gate = Terms.Gate(
                attestors: try attestors(rule, bindings), threshold: UInt8(rule.need),
                onTimeout: rule.late, follows: rule.follows.map { UInt8($0 + 1) } ?? 0,
                silenceMeets: rule.silenceMeets)
            let start = rule.follows == nil ? now : 0
            if let from = rule.from {
                gate.notBefore = try moment(from, from: start, now, bindings)
            }
            if let by = rule.by {
                gate.deadline = try moment(by, from: start, now, bindings)
                guard gate.deadline > max(gate.notBefore, start) else {
                    throw TemplateFault(
                        pointer(of: by),
                        "gate \(rule.name) must be decided later than "
                            + (gate.notBefore > start ? "it can be met" : "it begins"))
                }
            } else if rule.follows == nil, gate.notBefore == 0 {
                throw TemplateFault(
                    rule.from.map(pointer) ?? "", "gate \(rule.name) needs a time above 0")
            }
            if let arbitration = rule.arbitration {
                gate.arbitrationPeriod = try moment(arbitration, from: 0, now, bindings)
                guard gate.arbitrationPeriod > 0 else {
                    throw TemplateFault(
                        pointer(of: arbitration), "the arbiter of gate \(rule.name) has no time")
                }
            }
            found.append(gate)
        }
        return found
    }

    /// When the escrow should be full; 0 for no date.
    func due(_ bindings: TemplateBindings, _ now: UInt64) throws(TemplateFault) -> UInt64 {
        if let due { return try moment(due, from: now, now, bindings) }
        guard bindings.dueAt <= Self.horizon(now) else {
            throw TemplateFault("/dueAt", "more than 36500 days ahead")
        }
        return bindings.dueAt
    }

    /// The last time that an order of now may name.
    private static func horizon(_ now: UInt64) -> UInt64 {
        min(now.addingReportingOverflow(durationLimit).partialValue, Terms.timeLimit)
    }

    /// A moment in seconds: after a start, or what a parameter of type time says.
    private func moment(
        _ moment: Moment, from start: UInt64, _ now: UInt64, _ bindings: TemplateBindings
    ) throws(TemplateFault) -> UInt64 {
        let seconds: UInt64
        switch moment {
        case .after(let duration): seconds = start + duration
        case .parameter(let index):
            // Both types are far below 2^64.
            let value = UInt64(bindings.values[index][0])
            seconds = parameters[index].type == .time ? value : start + value
        }
        guard seconds <= Self.horizon(now) else {
            throw TemplateFault(pointer(of: moment), "more than 36500 days ahead")
        }
        return seconds
    }

    private func pointer(of moment: Moment) -> String {
        guard case .parameter(let index) = moment else { return "" }
        return "/" + parameters[index].name
    }

    private func attestors(
        _ rule: GateRule, _ bindings: TemplateBindings
    ) throws(TemplateFault) -> [Address] {
        var found: [Address] = []
        for role in rule.attest {
            for (index, account) in bindings.parties[role].enumerated() {
                guard !found.contains(account) else {
                    throw TemplateFault(
                        pointer(of: roles[role], index),
                        "it attests gate \(rule.name) for the second time")
                }
                found.append(account)
            }
        }
        return found
    }
}
