/// What a linear form is about.
enum LinearVariable: Hashable, Sendable {
    /// A parameter, or the sum of its values over the members of its role; an index.
    case parameter(Int)
    /// How many members a role has; an index.
    case count(Int)
}

/// A sum of whole multiples of variables and a constant, over a common denominator.
public struct LinearForm: Sendable, Equatable {
    /// Coefficients by variable, none of them 0, in the order of first mention.
    private(set) var terms: [(variable: LinearVariable, factor: ExactInteger)] = []
    private(set) var constant = ExactInteger.zero

    init() {}

    mutating func add(_ factor: ExactInteger, _ variable: LinearVariable) {
        if let index = terms.firstIndex(where: { $0.variable == variable }) {
            let sum = terms[index].factor + factor
            if sum.isZero { terms.remove(at: index) } else { terms[index].factor = sum }
        } else if !factor.isZero {
            terms.append((variable, factor))
        }
    }

    mutating func add(_ value: ExactInteger) { constant = constant + value }

    mutating func add(_ other: LinearForm, times factor: ExactInteger) {
        for term in other.terms { add(term.factor * factor, term.variable) }
        add(other.constant * factor)
    }

    /// The value where each variable has one.
    func value(_ values: (LinearVariable) -> ExactInteger) -> ExactInteger {
        terms.reduce(constant) { $0 + $1.factor * values($1.variable) }
    }

    /// Whether both say the same in the same order.
    public static func == (left: LinearForm, right: LinearForm) -> Bool {
        left.constant == right.constant && left.terms.elementsEqual(right.terms, by: ==)
    }
}
