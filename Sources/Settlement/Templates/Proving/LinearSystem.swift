/// Integers within bounds for which some linear forms are not negative.
struct LinearSystem {
    /// A sum of multiples of variables, by their numbers.
    typealias Form = [(variable: Int, factor: ExactInteger)]

    /// What a search for integers found.
    enum Found {
        /// Nothing satisfies all.
        case nothing
        /// A value for each variable.
        case point([ExactInteger])
        /// The budget was used up before it was known.
        case exhausted
    }

    private var lower: [ExactInteger] = []
    private var upper: [ExactInteger] = []
    private var rows: [(form: Form, constant: ExactInteger)] = []

    /// Adds a variable and gives its number.
    mutating func variable(from least: ExactInteger, to most: ExactInteger) -> Int {
        lower.append(least)
        upper.append(most)
        return lower.count - 1
    }

    /// Demands that a form and a constant are together at least 0.
    ///
    /// As all variables are integers, what divides the form may be taken out, and the constant rounded down:
    /// `2a - 2b + 1` is not negative exactly if `a - b` is not.
    mutating func demand(_ form: Form, _ constant: ExactInteger = .zero) {
        let divisor = form.reduce(ExactInteger.zero) {
            ExactInteger.greatestDivisor($0, $1.factor)
        }
        guard divisor.isPositive else {
            rows.append((form, constant))
            return
        }
        rows.append(
            (
                form.map { ($0.variable, $0.factor.dividedDown(by: divisor).quotient) },
                constant.dividedDown(by: divisor).quotient
            ))
    }

    /// The largest value that a form takes on fractions too.
    func maximise(_ form: Form, _ budget: inout Int) -> Simplex.Result {
        guard zip(lower, upper).allSatisfy({ $0 <= $1 }) else { return .impossible }
        let count = lower.count
        var tableau: [[ExactInteger]] = []
        var bounds: [ExactInteger] = []
        // Variables are counted from their lower bounds.
        for (form, constant) in rows {
            var row = Array(repeating: ExactInteger.zero, count: count)
            var bound = constant
            for (variable, factor) in form {
                row[variable] = row[variable] - factor
                bound = bound + factor * lower[variable]
            }
            tableau.append(row)
            bounds.append(bound)
        }
        for variable in 0..<count {
            var row = Array(repeating: ExactInteger.zero, count: count)
            row[variable] = .one
            tableau.append(row)
            bounds.append(upper[variable] - lower[variable])
        }
        var objective = Array(repeating: ExactInteger.zero, count: count)
        var shift = ExactInteger.zero
        for (variable, factor) in form {
            objective[variable] = objective[variable] + factor
            shift = shift + factor * lower[variable]
        }
        var simplex = Simplex(rows: tableau, bounds: bounds, objective: objective)
        let result = simplex.solve(&budget)
        guard case .optimum(let value, let point, let denominator) = result else { return result }
        return .optimum(
            value: value + shift * denominator,
            point: zip(point, lower).map { $0 + $1 * denominator }, denominator: denominator)
    }

    /// Integers for which a form is at least some value, near the largest that it takes.
    ///
    /// Where the best point has fractions, one variable is held below and above its value in turn. Which one
    /// decides how fast that ends, so that both the first and the last of those with fractions are tried.
    func integers(
        _ form: Form, atLeast least: ExactInteger, _ budget: inout Int
    ) -> Found {
        for takesLast in [false, true] {
            let found = integers(form, atLeast: least, takesLast, &budget)
            if case .exhausted = found { continue }
            return found
        }
        return .exhausted
    }

    private func integers(
        _ form: Form, atLeast least: ExactInteger, _ takesLast: Bool, _ budget: inout Int
    ) -> Found {
        var branches = [self]
        var nodes = 0
        while let branch = branches.popLast() {
            nodes += 1
            guard nodes <= 40 else { return .exhausted }
            switch branch.maximise(form, &budget) {
            case .exhausted: return .exhausted
            case .impossible: continue
            case .optimum(let value, let point, let denominator):
                guard value >= least * denominator else { continue }
                let parts = point.map { $0.dividedDown(by: denominator) }
                let broken = parts.indices.filter { !parts[$0].remainder.isZero }
                guard let index = takesLast ? broken.last : broken.first else {
                    return .point(parts.map(\.quotient))
                }
                var (below, above) = (branch, branch)
                below.upper[index] = parts[index].quotient
                above.lower[index] = parts[index].quotient + .one
                branches += [below, above]
            }
        }
        return .nothing
    }
}
