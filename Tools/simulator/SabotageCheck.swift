import Simulation

/// Breaks every rule, one after the other, and sees that the property fails which rests on it.
struct SabotageCheck {
    let program: String
    let workers: Int
    /// How many seeds a break may go unnoticed.
    private static let seedsMax: UInt64 = 400

    /// - Returns: whether every break was noticed.
    func run() -> Bool {
        var noticed = 0
        for sabotage in Sabotage.allCases where isNoticed(sabotage) { noticed += 1 }
        let all = Sabotage.allCases.count
        say("\(noticed) breaks noticed, \(all - noticed) not")
        return noticed == all
    }

    private func isNoticed(_ sabotage: Sabotage) -> Bool {
        let expected = Set(sabotage.breaks.map(\.rawValue))
        var found: (seed: UInt64, property: String)?
        var unexpected: (seed: UInt64, property: String)?
        var next: UInt64 = 1
        let crew = Crew(program: program, workers: workers, sabotage: sabotage)
        crew.run(
            {
                guard found == nil, next <= Self.seedsMax else { return nil }
                defer { next += 1 }
                return next
            },
            { result in
                guard let property = result.property else { return }
                if expected.contains(property) {
                    if found == nil { found = (result.seed, property) }
                } else {
                    unexpected = (result.seed, property)
                }
            })
        crew.dismiss()
        guard let found else {
            let instead =
                unexpected.map { "; seed \($0.seed) fails of \($0.property) instead" } ?? ""
            say("\(sabotage.rawValue): not noticed in \(Self.seedsMax) seeds\(instead)")
            return false
        }
        say("\(sabotage.rawValue): \(found.property) fails, as with seed \(found.seed)")
        return true
    }
}
