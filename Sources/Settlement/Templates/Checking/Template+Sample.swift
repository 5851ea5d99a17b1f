import Ledger

extension Template {
    /// Round numbers that often keep to what a template requires, and when to open an order with them.
    var niceSample: (bindings: TemplateBindings, now: UInt64) {
        let times = parameters.filter { $0.type == .time }.map { UInt64($0.range.lowerBound) }
        let now = max(times.max() ?? 0, 1_800_000_000)
        let parties = roles.map { role in
            let wanted = min(max(2, role.members.lowerBound), role.members.upperBound)
            return TemplateBindings.sampleAccounts(role, count: wanted)
        }
        let values = parameters.map { parameter in
            let value = parameter.standard ?? nice(parameter, now)
            let held = min(max(value, parameter.range.lowerBound), parameter.range.upperBound)
            return Array(repeating: held, count: parameter.role.map { parties[$0].count } ?? 1)
        }
        var bindings = TemplateBindings(parties: parties, values: values)
        bindings.token = Address.contract(0xd100)
        return (bindings, now)
    }

    private func nice(_ parameter: Parameter, _ now: UInt64) -> UInt128 {
        switch parameter.type {
        case .amount: parameter.name == "price" ? 1_000_000 : 10_000
        case .share: 1000
        case .time: UInt128(now) + 90 * 86_400
        case .duration: 30 * 86_400
        }
    }
}
