/// What one unit of a product needs of each stage and what that costs, exactly.
struct ProductCosts {
    /// The product's stage.
    let root: Int
    /// The stages that the product needs, customers before suppliers; the root first.
    let stages: [Int]
    /// The same in the order of the file.
    let inFileOrder: [Int]
    /// How many decimals make every amount whole.
    private(set) var decimals: Int

    private let chain: Chain
    private var places: [Int: Int] = [:]
    private var tiers: [Int: Int] = [:]
    private var multiplicities: [Int: DecimalNumber] = [:]
    /// One unit with all that it needs.
    private var unitCosts: [Int: DecimalNumber] = [:]
    private var amounts: [Int: [(stage: Int, amount: DecimalNumber)]] = [:]

    init(_ chain: Chain, root: Int, decimals least: Int) throws(ChainFault) {
        self.chain = chain
        decimals = least
        self.root = root
        var found = [root]
        var seen: Set<Int> = [root]
        var next = 0
        while next < found.count {
            for supply in chain.stages[found[next]].supplies
            where seen.insert(supply.stage).inserted {
                found.append(supply.stage)
            }
            next += 1
        }
        inFileOrder = found.sorted()
        stages = found.sorted { chain.rank[$0] < chain.rank[$1] }
        for (place, stage) in inFileOrder.enumerated() { places[stage] = place }
        try countDownwards()
        try addUpwards()
        for stage in stages {
            amounts[stage] = try decimalLines(of: stage)
            for line in amounts[stage] ?? [] { decimals = max(decimals, line.amount.scale) }
        }
        decimals = max(decimals, unitCosts[root]?.scale ?? 0)
        guard try units(unitCosts[root] ?? .zero) > 0 else {
            throw ChainFault(
                file: chain.file,
                "\(chain.stages[root].name) costs nothing: there is nothing to pay")
        }
    }

    /// What one unit of the product costs, in the smallest unit.
    var price: UInt128 { unitCosts[root]?.units(decimals: decimals) ?? 0 }

    /// Where a stage stands among the firms.
    func place(_ stage: Int) -> Int { places[stage] ?? 0 }

    func tier(_ stage: Int) -> Int { tiers[stage] ?? 1 }

    func multiplicity(_ stage: Int) -> DecimalNumber { multiplicities[stage] ?? .zero }

    /// What a stage owes each of its suppliers, those to whom it owes nothing left out.
    func lines(of stage: Int) throws(ChainFault) -> [(stage: Int, amount: UInt128)] {
        var lines: [(Int, UInt128)] = []
        for line in amounts[stage] ?? [] where !line.amount.isZero {
            lines.append((line.stage, try units(line.amount)))
        }
        return lines
    }

    private mutating func countDownwards() throws(ChainFault) {
        multiplicities[root] = .one
        tiers[root] = 1
        for stage in stages {
            let own = multiplicity(stage)
            for supply in chain.stages[stage].supplies {
                let more = try exact(own.multiplied(by: supply.quantity))
                multiplicities[supply.stage] = try exact(
                    multiplicity(supply.stage).adding(more))
                tiers[supply.stage] = max(tiers[supply.stage] ?? 0, tier(stage) + 1)
            }
        }
    }

    private mutating func addUpwards() throws(ChainFault) {
        for stage in stages.reversed() {
            var cost = chain.stages[stage].cost
            for supply in chain.stages[stage].supplies {
                let part = try exact(unitCosts[supply.stage]?.multiplied(by: supply.quantity))
                cost = try exact(cost.adding(part))
            }
            unitCosts[stage] = cost
        }
    }

    private func decimalLines(
        of stage: Int
    ) throws(ChainFault) -> [(stage: Int, amount: DecimalNumber)] {
        var lines: [(Int, DecimalNumber)] = []
        for supply in chain.stages[stage].supplies {
            let count = try exact(multiplicity(stage).multiplied(by: supply.quantity))
            lines.append((supply.stage, try exact(unitCosts[supply.stage]?.multiplied(by: count))))
        }
        return lines
    }

    private func units(_ amount: DecimalNumber) throws(ChainFault) -> UInt128 {
        try exact(amount.units(decimals: decimals))
    }

    private func exact<Value>(_ value: Value?) throws(ChainFault) -> Value {
        guard let value else {
            throw ChainFault(
                file: chain.file, "the costs need more digits than amounts below 2^128 have")
        }
        return value
    }
}
