import ArgumentParser
import Foundation
import Ledger

/// Measures the machine's limits and the product against them, in one run; see `docs/PERFORMANCE.md`.
@main
struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dip-load",
        abstract: "Measure a node against the limits of its machine.",
        discussion: "Run it through Tools/bench, which builds what it needs.")

    @Option(help: "The dip program whose node is measured.")
    var dip: String

    @Option(help: "The program that measures the limits.")
    var limits: String

    @Flag(help: "A short run: fewer accounts and payments.")
    var quick = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Option(help: "Accounts.")
    var accounts = 1_000_000

    @Option(
        help: "Records of state that the node keeps in memory; fewer than accounts to see it evict."
    )
    var cacheCells: Int?

    @Option(help: "The seed of everything random.")
    var seed: UInt64 = 20_061_201

    @Option(
        help:
            "Chains for the cascades, a line of JSON each (docs/demo.md); made otherwise, of the same shapes."
    )
    var chains: String?

    @Option(help: "Where a folder for the node's data is made, on the disk to be measured.")
    var folder: String?

    @Option(help: "Measure a consortium of so many banks on this machine instead of one node.")
    var banks = 1

    @Option(help: "With --banks: how many blocks a node is behind that catches up.")
    var behind = 10_000

    @Option(help: "Only single payments on an idle ledger, in so many short runs.")
    var idle = 0

    @Flag(help: "Measure ordering alone, without a ledger: three nodes over TLS, and one.")
    var ordering = false

    @Flag(help: "Measure the checks of contract templates alone.")
    var templates = false

    @Flag(help: "Measure deposit tokens alone: payouts, redemptions, issues, in memory.")
    var deposits = false

    @Flag(help: "Measure what a unit of gas buys at worst, call by call, in memory.")
    var gas = false

    @Option(
        help:
            "Measure what work costs as there is more of it; the plots go into this folder, as SVG."
    )
    var growth: String?

    @Option(help: ArgumentHelp("Used by --ordering for its processes.", visibility: .private))
    var orderer: String?

    mutating func run() throws {
        signal(SIGPIPE, SIG_IGN)
        if let orderer { return try Orderer.run(orderer) }
        if templates {
            var checks = TemplateChecks()
            return print(try TemplateChecks.text(checks.measure(), json: json))
        }
        if deposits {
            var work = DepositWork()
            return print(try DepositWork.text(work.measure(), json: json))
        }
        if gas {
            return print(try GasWork.text(GasWork.measure(), json: json))
        }
        if quick { accounts = min(accounts, 100_000) }
        if banks > 1 { accounts = min(accounts, 100_000) }
        if idle > 0 { accounts = 1 }
        // One of its own also where a folder is named: it is removed at the end, and whatever is in the named one stays.
        let place = URL(fileURLWithPath: folder ?? NSTemporaryDirectory(), isDirectory: true)
        let folder = place.appending(path: "dipnet-load-\(getpid())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if let growth {
            let run = GrowthRun(options: self, folder: folder, output: growth)
            return print(try run.measure(note))
        }
        var report = Report()
        note("seed \(seed), \(accounts) accounts, data in \(folder)")
        note("measuring the machine's limits")
        report.limits = try measureLimits(.all, folder)

        if ordering {
            let outcome = try OrderingRun(folder: folder, quick: quick).measure(note)
            print(outcome.text(report.limits, json: json))
            return
        }
        if banks > 1 {
            let processes = try BankProcesses(count: banks, dip: dip, folder: folder)
            defer { processes.stop() }
            if idle > 0 {
                let leader = processes.nodes[try processes.leader()]
                let run = IdleRun(
                    options: self, nodes: processes.nodes, node: leader, folder: folder)
                return print(try run.measure(idle))
            }
            let outcome = try BankRun(options: self, banks: processes).measure(note)
            print(outcome.text(report.limits, json: json))
            return
        }
        let node = NodeProcess(dip: dip, folder: folder, cacheCells: cacheCells)
        defer { node.kill() }
        try node.start()
        if idle > 0 {
            let run = IdleRun(options: self, nodes: [node], node: node, folder: folder)
            return print(try run.measure(idle))
        }
        note("making \(accounts) accounts")
        var run = Run(self, node: node)
        try run.prepare()

        let singles = quick ? 50_000 : 300_000
        note("\(singles) signed single transfers")
        report.signedTransfersPerSecond = Double(singles) / (try run.singles(singles))
        report.limits.average(try measureLimits(.recoveries, folder))

        for group in [Run.usualGroup, 20] {
            let peak =
                group == Run.usualGroup
                ? report.signedTransfersPerSecond
                : Double(singles / 3) / (try run.singles(singles / 3, perRequest: group))
            note("signed single transfers in requests of \(group), at 60 % of the peak")
            let times = try run.paced(0.6 * peak, group: group, seconds: quick ? 5 : 20)
            report.paced.append(
                Report.Paced(
                    group: group, perSecond: 0.6 * peak, milliseconds: times[times.count / 2],
                    milliseconds99: times[times.count * 99 / 100]))
        }

        let batches = quick ? 500 : 2_000
        note("\(batches) signed batches of 1,000 payouts")
        report.batchPayoutsPerSecond = Double(batches * 1000) / (try run.batches(batches))

        let cascades = try run.cascades(file: chains, payouts: quick ? 60_000 : 400_000)
        report.add(cascades)

        note("single payments on an idle node")
        let idle = try run.idle(quick ? 100 : 300)
        report.idlePaymentMilliseconds = idle[idle.count / 2]
        report.idlePayment99Milliseconds = idle[idle.count * 99 / 100]
        let inTwo = try run.idle(quick ? 100 : 300, .twoRequests)
        report.idlePaymentInTwoMilliseconds = inTwo[inTwo.count / 2]
        report.limits.average(try measureLimits(.appends, folder))

        note("killing the node and starting it again")
        try report.checkNothingLost(node)
        if json { print(report.json) } else { print(report.text) }
    }

    private func note(_ text: String) {
        FileHandle.standardError.write(Data("== \(text)\n".utf8))
    }

    /// What of the machine is measured.
    private enum Limit: String { case all, recoveries, appends }

    private func measureLimits(_ limit: Limit, _ folder: String) throws -> Report.Limits {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: limits)
        process.arguments = [folder, quick ? "2" : "4"] + (limit == .all ? [] : [limit.rawValue])
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard let found = try? JSONDecoder().decode(Report.Limits.self, from: data) else {
            throw LoadFailure("the program that measures the limits failed")
        }
        return found
    }
}
