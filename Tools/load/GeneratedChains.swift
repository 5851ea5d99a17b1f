import SupplyChain

/// Supply chains of the sizes and depths of real ones, for machines that have no file of those.
///
/// The shapes (stages, tiers) are those of the 38 chains in Willems (2008); who supplies whom and at
/// what cost is made up from the shape alone, the same in every run.
enum GeneratedChains {
    /// Stages and tiers of each chain.
    private static let shapes: [(stages: Int, tiers: Int)] = [
        (8, 3), (10, 4), (17, 5), (22, 5), (27, 5), (27, 5), (28, 4), (28, 5), (29, 3), (31, 4),
        (58, 4), (71, 5), (75, 7), (88, 6), (107, 6), (116, 6), (116, 7), (133, 6), (152, 4),
        (154, 3), (156, 5), (186, 6), (271, 5), (409, 5), (468, 7), (482, 6), (577, 7), (617, 6),
        (626, 7), (706, 8), (844, 8), (976, 7), (1206, 10), (1386, 7), (1451, 6), (1479, 8),
        (2025, 8),
    ]

    /// Makes all of them.
    static func make() throws -> [Chain] {
        var random = Seeded(1)
        var lines: [String] = []
        for (number, shape) in shapes.enumerated() {
            lines.append(line(number + 1, shape, &random))
        }
        return try ChainFile(Array(lines.joined(separator: "\n").utf8), file: "generated").chains
            .map(\.chain)
    }

    /// One chain as a line of JSON, as `docs/demo.md` has it.
    private static func line(
        _ number: Int, _ shape: (stages: Int, tiers: Int), _ random: inout Seeded
    ) -> String {
        var tiers: [[String]] = Array(repeating: [], count: shape.tiers)
        for stage in 0..<shape.stages {
            // Each tier has at least one stage; the others fall where chance puts them.
            let tier = stage < shape.tiers ? stage : random.below(shape.tiers)
            tiers[tier].append("S\(tier)_\(stage)")
        }
        var stages: [String] = []
        var links: [String] = []
        for (tier, names) in tiers.enumerated() {
            let isLast = tier == shape.tiers - 1
            for name in names {
                let demand = isLast ? "\(1 + random.below(1000))" : "null"
                let cost = 1 + random.below(500)
                stages.append(
                    #"{"name":"\#(name)","cost":\#(cost),"kind":"\#(isLast ? "Retail" : "Manuf")","demand":\#(demand)}"#
                )
                guard tier > 0 else { continue }
                var chosen: Set<String> = []
                for _ in 0..<(1 + random.below(5)) {
                    let supplier = tiers[tier - 1][random.below(tiers[tier - 1].count)]
                    if chosen.insert(supplier).inserted {
                        links.append(#"["\#(supplier)","\#(name)"]"#)
                    }
                }
            }
        }
        return
            #"{"chain":\#(number),"stages":[\#(stages.joined(separator: ","))],"links":[\#(links.joined(separator: ","))]}"#
    }
}
