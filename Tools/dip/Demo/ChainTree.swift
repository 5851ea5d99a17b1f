import SupplyChain

/// A chain as a tree: the product at the top, under each firm its suppliers, and what everybody got.
struct ChainTree {
    let chain: Chain
    let plan: SettlementPlan
    let result: ChainResult

    /// The lines, columns aligned.
    var text: String {
        var rows: [(tree: String, cells: [String])] = [
            ("", ["tier", "received", "paid out", "kept"])
        ]
        var places: [String: Int] = [:]
        for (index, firm) in result.firms.enumerated() { places[firm.name] = index }
        var shown: Set<Int> = []
        var work: [(stage: Int, lead: String, mark: String)] = []
        if let root = result.firms.first(where: { $0.tier == 1 }),
            let stage = chain.stage(named: root.name)
        {
            work.append((stage, "", ""))
        }
        // A list of work instead of recursion: chains may be deep.
        while let (stage, lead, mark) = work.popLast() {
            guard let place = places[chain.stages[stage].name] else { continue }
            let name = lead + mark + chain.stages[stage].name
            guard shown.insert(place).inserted else {
                rows.append((name + " (above)", []))
                continue
            }
            rows.append((name, cells(result.firms[place])))
            let inner = lead + (mark.isEmpty ? "" : mark == "└─ " ? "   " : "│  ")
            let supplies = chain.stages[stage].supplies
            for (index, supply) in supplies.enumerated().reversed() {
                work.append((supply.stage, inner, index == supplies.count - 1 ? "└─ " : "├─ "))
            }
        }
        return Self.aligned(rows)
    }

    private func cells(_ firm: ChainResult.Firm) -> [String] {
        func number(_ units: UInt128) -> String { plan.decimal(units).grouped() }
        return [
            "\(firm.tier)", number(firm.received), number(firm.paidOut), number(firm.kept),
        ]
    }

    private static func aligned(_ rows: [(tree: String, cells: [String])]) -> String {
        let first = rows.map(\.tree.count).max() ?? 0
        let widths = (0..<4).map { column in
            rows.compactMap { $0.cells.isEmpty ? nil : $0.cells[column].count }.max() ?? 0
        }
        return rows.map { row in
            guard !row.cells.isEmpty else { return row.tree }
            var line = row.tree + String(repeating: " ", count: first - row.tree.count)
            for (cell, width) in zip(row.cells, widths) {
                line += "  " + String(repeating: " ", count: width - cell.count) + cell
            }
            return line
        }.joined(separator: "\n")
    }
}
