import Ledger

/// What a template says of its parameters of some types, as linear forms.
///
/// Values of a role's members appear as their sum, and how many members there are as a variable of its
/// own: whatever is linear in single values is linear in these.
struct TemplateSystem {
    var linear = LinearSystem()
    private let template: Template
    private let types: Set<Template.ParameterType>
    private var numbers: [LinearVariable: Int] = [:]

    /// Sets up the bounds and requirements on parameters of some types.
    ///
    /// - Parameters:
    ///   - template: whose.
    ///   - types: of the parameters.
    ///   - counts: how many members roles have, by role; nil where that is free.
    ///   - cap: the most that amounts may be, if their least is not more.
    init(
        _ template: Template, _ types: Set<Template.ParameterType>, counts: [Int?],
        cap: UInt128 = .max
    ) {
        self.template = template
        self.types = types
        for (index, role) in template.roles.enumerated() where role.isMany {
            let range = counts[index].map { $0...$0 } ?? role.members
            numbers[.count(index)] = linear.variable(
                from: ExactInteger(range.lowerBound), to: ExactInteger(range.upperBound))
        }
        for (index, parameter) in template.parameters.enumerated()
        where types.contains(parameter.type) {
            add(parameter, index, parameter.type == .amount ? cap : .max)
        }
        for requirement in template.require {
            // How many members there are matters to all types.
            let isOfCounts = requirement.form.terms.allSatisfy {
                if case .count = $0.variable { true } else { false }
            }
            guard isOfCounts || types.contains(requirement.type) else { continue }
            demand(requirement.form)
            if requirement.isEquality { demand(requirement.form, times: -.one) }
        }
    }

    private mutating func add(_ parameter: Template.Parameter, _ index: Int, _ cap: UInt128) {
        let range = parameter.range
        let least = ExactInteger(range.lowerBound)
        let most = ExactInteger(min(range.upperBound, max(range.lowerBound, cap)))
        guard let role = parameter.role, let count = numbers[.count(role)] else {
            numbers[.parameter(index)] = linear.variable(from: least, to: most)
            return
        }
        let members = template.roles[role].members
        let sum = linear.variable(
            from: least * ExactInteger(members.lowerBound),
            to: most * ExactInteger(members.upperBound))
        numbers[.parameter(index)] = sum
        if !least.isZero { linear.demand([(sum, .one), (count, -least)]) }
        // A bound that no price reaches would only make large numbers.
        if parameter.range.upperBound < .max { linear.demand([(sum, -.one), (count, most)]) }
    }

    /// Demands that a form is at least something.
    mutating func demand(
        _ form: LinearForm, times factor: ExactInteger = .one, atLeast least: ExactInteger = .zero
    ) {
        linear.demand(terms(form, times: factor), form.constant * factor - least)
    }

    /// The terms of a form, its constant left out; those of other types are not looked at.
    func terms(_ form: LinearForm, times factor: ExactInteger = .one) -> LinearSystem.Form {
        form.terms.compactMap { term in
            numbers[term.variable].map { ($0, term.factor * factor) }
        }
    }

    /// The number of a variable.
    func number(of variable: LinearVariable) -> Int? { numbers[variable] }

    /// How many members each role has at a point.
    func counts(at point: [ExactInteger]) -> [Int?] {
        template.roles.indices.map { role in
            numbers[.count(role)].flatMap { point[$0].units.map { Int($0) } }
        }
    }

    /// Writes the values at a point into bindings; a sum is dealt out from the first member on.
    ///
    /// - Parameters:
    ///   - point: a value for each variable.
    ///   - bindings: has as many members of each role as the point says.
    ///   - evenly: whether members get about the same, or the first as much as they may.
    func write(_ point: [ExactInteger], to bindings: inout TemplateBindings, evenly: Bool) {
        for (index, parameter) in template.parameters.enumerated()
        where types.contains(parameter.type) {
            guard let number = numbers[.parameter(index)] else { continue }
            guard let role = parameter.role else {
                bindings.values[index] = [point[number].units ?? 0]
                continue
            }
            let count = bindings.parties[role].count
            bindings.values[index] = Self.deal(
                point[number], among: count, parameter.range, evenly: evenly)
        }
    }

    private static func deal(
        _ sum: ExactInteger, among count: Int, _ range: ClosedRange<UInt128>, evenly: Bool
    ) -> [UInt128] {
        var left = sum
        let least = ExactInteger(range.lowerBound)
        return (0..<count).map { member in
            // Those behind get the least at least.
            let others = ExactInteger(count - member - 1)
            let even = left.dividedDown(by: others + .one).quotient
            let free = left - others * least
            let wanted = evenly ? even : free
            let value = min(max(wanted, least), ExactInteger(range.upperBound))
            left = left - value
            return value.units ?? range.upperBound
        }
    }
}
