import Execution
import Foundation
import Ledger

/// What work costs as there is more of it: accounts, payouts in one cascade, timers due at once.
///
/// Each point is measured on a ledger of its own, and given as the cost of one unit, which is level where the
/// whole is linear.
struct GrowthRun {
    let options: Load
    /// For the nodes' data.
    let folder: String
    /// Where the plots go.
    let output: String

    private static let payers = 1_000

    /// Measures all three and writes a plot of each.
    ///
    /// - Returns: the figures as a table.
    func measure(_ note: (String) -> Void) throws -> String {
        let plots = [
            ("accounts", try accounts(note)),
            ("cascade", try cascades(note)),
            ("timers", try timers(note)),
        ]
        try FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: true)
        var lines: [String] = []
        for (name, plot) in plots {
            let path = output + "/\(name).svg"
            guard FileManager.default.createFile(atPath: path, contents: Data(plot.svg.utf8))
            else { throw LoadFailure("cannot write \(path)") }
            lines += ["\(plot.title): \(path)", "  \(plot.xLabel): \(plot.yLabel)"]
            lines += plot.points.map { "  \(Int($0.x)): \(Plot.short($0.y))" }
        }
        return lines.joined(separator: "\n")
    }

    /// Tenfold steps from one to a last one.
    private func decades(_ first: Int, _ last: Int) -> [Int] {
        Array(sequence(first: first) { $0 * 10 <= last ? $0 * 10 : nil })
    }

    /// Runs on a new ledger and stops its node afterwards.
    private func onNewLedger<Result>(
        manualClock: Bool = false, _ body: (inout Run) throws -> Result
    ) throws -> Result {
        let place = folder + "/ledger"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let clock = manualClock ? ["--clock", "manual", "--start-time", "2026-01-01"] : []
        let node = NodeProcess(
            dip: options.dip, folder: place,
            arguments: ["node", "--dev", "--data", place + "/data", "--port", "0"] + clock)
        defer { node.kill() }
        try node.start()
        var run = Run(options, accounts: Self.payers, node: node)
        try run.prepare()
        return try body(&run)
    }

    // MARK: What grows

    /// Payouts in batches of 1,000 to accounts that are there, chosen uniformly.
    private func accounts(_ note: (String) -> Void) throws -> Plot {
        var points: [(Double, Double)] = []
        for count in decades(1_000, options.quick ? 100_000 : 10_000_000) {
            note("payouts among \(count) accounts")
            let seconds = try onNewLedger { run in
                try run.makeHolders(count)
                return try run.payouts(among: count, batches: 500)
            }
            points.append((Double(count), seconds / 500_000 * 1e6))
        }
        return Plot(
            title: "Payouts in batches, as the number of accounts grows", xLabel: "accounts",
            yLabel: "µs a payout", points: points)
    }

    /// A payment at the top that goes through firms to their suppliers.
    private func cascades(_ note: (String) -> Void) throws -> Plot {
        // Firms below the top order, and suppliers of each.
        var shapes = [(1, 0), (2, 4), (10, 9), (25, 39)]
        if !options.quick { shapes.append((100, 99)) }
        let points = try onNewLedger { run in
            try shapes.map { firms, suppliers in
                let payouts = firms + firms * suppliers
                note("cascades of \(payouts) payouts")
                let times = try run.fannedCascades(
                    firms: firms, suppliers: suppliers, repeats: payouts < 1_000 ? 51 : 11)
                return (Double(payouts), times[times.count / 2] * 1000 / Double(payouts))
            }
        }
        return Plot(
            title: "One payment that sets off a cascade, submitted to receipt",
            xLabel: "payouts in the cascade", yLabel: "µs a payout", points: points)
    }

    /// Orders that are paid because a date passes, all at the same second.
    private func timers(_ note: (String) -> Void) throws -> Plot {
        var points: [(Double, Double)] = []
        for count in decades(1, options.quick ? 1_000 : 100_000) {
            note("\(count) orders due in one second")
            let seconds = try onNewLedger(manualClock: true) { try $0.fireTimers(count) }
            points.append((Double(count), seconds * 1e6 / Double(count)))
        }
        return Plot(
            title: "Orders whose date passes in one second, until all are paid",
            xLabel: "open orders due", yLabel: "µs an order", points: points)
    }
}
