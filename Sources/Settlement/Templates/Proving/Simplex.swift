/// Maximises a linear form where others are at least 0, exactly: the simplex method over integers.
///
/// All fractions of the tableau have one denominator, the last pivot, so that each division has no
/// remainder (Bareiss). Bland's rule keeps it from running in circles; a budget bounds it all the same.
struct Simplex {
    /// What came of it.
    enum Result {
        /// Nothing satisfies all rows.
        case impossible
        /// The largest value, and where it is reached: numerators over one denominator above 0.
        case optimum(value: ExactInteger, point: [ExactInteger], denominator: ExactInteger)
        /// The budget was used up.
        case exhausted
    }

    // Row i says: Σ cells[i][j] × nonbasic[j] + denominator × basic[i] = cells[i].last. The objective is
    // the last row but one, what drives the helping variable out the last.
    private var cells: [[ExactInteger]]
    private var basic: [Int]
    private var nonbasic: [Int]
    private var denominator = ExactInteger.one
    private let count: Int

    /// Sets a tableau up.
    ///
    /// - Parameters:
    ///   - rows: for each row, coefficients of all variables; their sum is at most the bound.
    ///   - bounds: of each row.
    ///   - objective: coefficients of all variables, each of which is at least 0.
    init(rows: [[ExactInteger]], bounds: [ExactInteger], objective: [ExactInteger]) {
        count = objective.count
        // The helping variable stands in the column behind the others.
        nonbasic = Array(0...count)
        basic = Array(count + 1..<count + 1 + rows.count)
        cells = zip(rows, bounds).map { $0 + [-.one, $1] }
        cells.append(objective.map { -$0 } + [.zero, .zero])
        cells.append(Array(repeating: .zero, count: count) + [.one, .zero])
    }

    private var objectiveRow: Int { cells.count - 2 }
    private var helpRow: Int { cells.count - 1 }
    private var helping: Int { count }

    /// Solves it.
    ///
    /// - Parameter budget: cells that may be computed; what is used is taken off.
    /// - Returns: what came of it.
    mutating func solve(_ budget: inout Int) -> Result {
        let lowest = basic.indices.min { last(of: $0) < last(of: $1) }
        if let lowest, last(of: lowest).isNegative {
            guard pivot(lowest, count, &budget), maximise(helpRow, &budget) else {
                return .exhausted
            }
            if last(of: helpRow).isNegative { return .impossible }
            guard driveOut(&budget) else { return .exhausted }
        }
        let column = nonbasic.firstIndex(of: helping)
        // From here on the helping variable is 0.
        for row in cells.indices { if let column { cells[row][column] = .zero } }
        guard maximise(objectiveRow, &budget) else { return .exhausted }
        var point = Array(repeating: ExactInteger.zero, count: count)
        for (row, variable) in basic.enumerated() where variable < count {
            point[variable] = last(of: row)
        }
        return .optimum(value: last(of: objectiveRow), point: point, denominator: denominator)
    }

    private func last(of row: Int) -> ExactInteger { cells[row][count + 1] }

    /// Pivots until a row's form is as large as it gets; false if the budget was used up.
    ///
    /// Every variable is bounded, so that there is always a row that ends its growth.
    private mutating func maximise(_ row: Int, _ budget: inout Int) -> Bool {
        while let column = entering(row) {
            guard let leaving = leaving(column) else {
                preconditionFailure("a variable grows without bound")
            }
            guard pivot(leaving, column, &budget) else { return false }
        }
        return true
    }

    /// The first variable by number whose growth helps.
    private func entering(_ row: Int) -> Int? {
        var best: Int?
        for column in nonbasic.indices where cells[row][column].isNegative {
            if best.map({ nonbasic[column] < nonbasic[$0] }) ?? true { best = column }
        }
        return best
    }

    /// The row that limits a variable most; of several the helping variable's, then the first by number.
    private func leaving(_ column: Int) -> Int? {
        var best: Int?
        for row in basic.indices where cells[row][column].isPositive {
            guard let other = best else {
                best = row
                continue
            }
            let left = last(of: row) * cells[other][column]
            let right = last(of: other) * cells[row][column]
            let isFirst = rank(basic[row]) < rank(basic[other])
            if left < right || (left == right && isFirst) { best = row }
        }
        return best
    }

    private func rank(_ variable: Int) -> Int { variable == helping ? -1 : variable }

    /// Makes the helping variable, which is 0, one of those that are 0 because nobody needs them.
    private mutating func driveOut(_ budget: inout Int) -> Bool {
        guard let row = basic.firstIndex(of: helping) else { return true }
        let column = nonbasic.indices.first { !cells[row][$0].isZero }
        guard let column else { return true }
        return pivot(row, column, &budget)
    }

    private mutating func pivot(_ row: Int, _ column: Int, _ budget: inout Int) -> Bool {
        budget -= cells.count * (count + 2)
        let pivot = cells[row][column]
        let isNegative = pivot.isNegative
        let next = isNegative ? -pivot : pivot
        for other in cells.indices where other != row {
            // A large number counts for as much as it takes.
            guard budget >= 0 else { return false }
            let factor = cells[other][column]
            if factor.isZero, next == denominator { continue }
            for place in cells[other].indices where place != column {
                var value = next * cells[other][place]
                if !factor.isZero, !cells[row][place].isZero {
                    let part = factor * cells[row][place]
                    value = isNegative ? value + part : value - part
                }
                if !value.isZero {
                    if value.size > 0 { budget -= 8 + value.size * value.size / 4 }
                    value = value.dividedDown(by: denominator).quotient
                }
                cells[other][place] = value
            }
            cells[other][column] = isNegative ? factor : -factor
        }
        if isNegative { cells[row] = cells[row].map { -$0 } }
        cells[row][column] = isNegative ? -denominator : denominator
        denominator = next
        swap(&basic[row], &nonbasic[column])
        return true
    }
}
