/// A supply chain: stages, what each costs, and what it needs of others.
///
/// Sound by construction: names differ, suppliers exist, and nothing is its own supplier on any way.
public struct Chain: Sendable {
    /// A step of the chain, done by one firm.
    public struct Stage: Hashable, Sendable {
        /// Its name, different from all others of the chain.
        public let name: String
        /// What it adds to the cost of one unit.
        public let cost: DecimalNumber
        /// What one unit of it needs, in the order of the file.
        public let supplies: [Supply]
        /// Whether somebody outside of the chain wants it.
        public let hasDemand: Bool
    }

    /// What a stage needs of another for one unit of its own.
    public struct Supply: Hashable, Sendable {
        /// The supplier's index in ``Chain/stages``.
        public let stage: Int
        /// How many units of it, more than 0.
        public let quantity: DecimalNumber
    }

    /// Where it came from, as faults name it.
    public let file: String
    /// The stages in the order of the file.
    public let stages: [Stage]
    /// For each stage who needs it, in the order of the file.
    public let customers: [[Int]]
    /// Where each stage stands when all are sorted, customers before suppliers.
    let rank: [Int]

    /// What can be sold: stages without a customer, and those with demand from outside.
    public let products: [Int]

    /// The index of the stage with a name, or nil.
    public func stage(named name: String) -> Int? { stages.firstIndex { $0.name == name } }

    /// Checks what a file says and links the stages.
    ///
    /// - Throws: ``ChainFault`` for no stages, a name twice, an unknown, repeated or own supplier, a
    ///   quantity of 0 and a circle.
    init(file: String, _ drafts: [StageDraft]) throws(ChainFault) {
        guard !drafts.isEmpty else { throw ChainFault(file: file, "there is no stage") }
        var places: [String: Int] = [:]
        for (index, draft) in drafts.enumerated() {
            if let first = places.updateValue(index, forKey: draft.name) {
                throw ChainFault(
                    file: file, line: draft.line,
                    "stage \(draft.name) is already in line \(drafts[first].line)")
            }
        }
        var stages: [Stage] = []
        for draft in drafts {
            stages.append(
                Stage(
                    name: draft.name, cost: draft.cost,
                    supplies: try draft.linked(to: places, file: file), hasDemand: draft.hasDemand))
        }
        var customers: [[Int]] = Array(repeating: [], count: stages.count)
        for (index, stage) in stages.enumerated() {
            for supply in stage.supplies { customers[supply.stage].append(index) }
        }
        self.file = file
        self.stages = stages
        self.customers = customers
        products = stages.indices.filter { customers[$0].isEmpty || stages[$0].hasDemand }
        let sorted = Self.sort(stages, customers)
        guard sorted.count == stages.count else {
            throw ChainFault(
                file: file,
                "stages need each other in a circle: \(Self.circle(stages, customers, sorted))")
        }
        var rank = sorted
        for (place, stage) in sorted.enumerated() { rank[stage] = place }
        self.rank = rank
    }

    /// Customers before suppliers, the earlier in the file first; stages in or above a circle stay out.
    private static func sort(_ stages: [Stage], _ customers: [[Int]]) -> [Int] {
        var waiting = customers.map(\.count)
        var sorted = stages.indices.filter { waiting[$0] == 0 }
        var next = 0
        while next < sorted.count {
            for supply in stages[sorted[next]].supplies {
                waiting[supply.stage] -= 1
                if waiting[supply.stage] == 0 { sorted.append(supply.stage) }
            }
            next += 1
        }
        return sorted
    }

    /// The names along one circle; each stage that was not sorted has a customer that was not either.
    private static func circle(
        _ stages: [Stage], _ customers: [[Int]], _ sorted: [Int]
    ) -> String {
        let outside = Set(sorted)
        var path: [Int] = []
        var current = stages.indices.first { !outside.contains($0) }
        while let stage = current {
            if let start = path.firstIndex(of: stage) {
                let names = (path[start...] + [stage]).reversed().map { stages[$0].name }
                return names.joined(separator: " needs ")
            }
            path.append(stage)
            current = customers[stage].first { !outside.contains($0) }
        }
        return ""
    }
}

/// A stage as a file has it, its suppliers still names.
struct StageDraft {
    let line: Int
    let name: String
    let cost: DecimalNumber
    let hasDemand: Bool
    var supplies: [(name: String, quantity: DecimalNumber)]

    fileprivate func linked(
        to places: [String: Int], file: String
    ) throws(ChainFault) -> [Chain.Supply] {
        var supplies: [Chain.Supply] = []
        var seen: Set<Int> = []
        for (supplier, quantity) in self.supplies {
            guard let place = places[supplier] else {
                throw ChainFault(
                    file: file, line: line,
                    "stage \(name) needs \(supplier), which is no stage of this chain")
            }
            guard supplier != name else {
                throw ChainFault(file: file, line: line, "stage \(name) needs itself")
            }
            guard seen.insert(place).inserted else {
                throw ChainFault(
                    file: file, line: line, "stage \(name) names \(supplier) twice")
            }
            guard !quantity.isZero else {
                throw ChainFault(
                    file: file, line: line, "stage \(name) needs 0 units of \(supplier)")
            }
            supplies.append(Chain.Supply(stage: place, quantity: quantity))
        }
        return supplies
    }
}
