import Foundation
import Glibc

/// Single payments on an idle ledger, in many short runs, each beside the disk as it is at that moment.
///
/// A disk that has not been written to for a fraction of a millisecond may take ten times as long as one that is
/// written to all the time, where a host serves it. So a payment is compared with appends that come as often.
///
/// On a machine with other work the median of many such ratios says more than one long run, and how often
/// threads went to sleep says what no other work changes.
struct IdleRun {
    let options: Load
    /// All nodes of the ledger.
    let nodes: [NodeProcess]
    /// The one that is paid at.
    let node: NodeProcess
    let folder: String

    /// What one short run gave: medians, in milliseconds.
    struct Sample {
        /// A payment after a rest.
        var rested: Double
        /// The same with two requests for each payment.
        var inTwo: Double
        /// A payment, where one follows the other.
        var inRow: Double
        /// An append with fdatasync, where one follows the other.
        var append: Double
        /// One as often as the payments after a rest, and one as often as those that follow each other.
        var restedAppend: Double
        var pacedAppend: Double
        /// How often threads went to sleep for a payment after a rest.
        var switches: Double
    }

    private static let restMilliseconds = 2.0
    private static let payments = 50
    /// How many follow each other without a rest: a host leaves the processors of a machine that was idle to others,
    /// and takes some tens of milliseconds to see that it is so no more.
    private static let paymentsInRow = 1_000

    /// Measures so many short runs and gives the table of their medians.
    func measure(_ runs: Int) throws -> String {
        var run = Run(options, node: node)
        _ = try run.idle(Self.payments)
        var samples: [Sample] = []
        for _ in 0..<runs {
            let before = switches()
            let rested = try run.idle(Self.payments)
            let slept = Double(switches() - before) / Double(Self.payments)
            let inTwo = try run.idle(Self.payments, .twoRequests)
            let inRow = try run.idle(Self.paymentsInRow, rest: 0)
            samples.append(
                Sample(
                    rested: middle(rested), inTwo: middle(inTwo), inRow: middle(inRow),
                    append: try appendMilliseconds(Self.paymentsInRow),
                    restedAppend: try appendMilliseconds(
                        Self.payments, every: Self.restMilliseconds + middle(rested)),
                    pacedAppend: try appendMilliseconds(Self.paymentsInRow, every: middle(inRow)),
                    switches: slept))
        }
        func row(_ label: String, _ value: (Sample) -> Double) -> String {
            let sorted = samples.map(value).sorted()
            return label.padding(toLength: 60, withPad: " ", startingAt: 0)
                + BankRun.Outcome.number(middle(sorted))
                .padding(toLength: 10, withPad: " ", startingAt: 0)
                + "least \(BankRun.Outcome.number(sorted[0]))"
        }
        return [
            row("payment after a rest, ms") { $0.rested },
            row("  sent with one request, waited for with another") { $0.inTwo },
            row("append of 4 KiB + fdatasync as often, ms") { $0.restedAppend },
            row("payment in appends") { $0.rested / $0.restedAppend },
            row("  in appends that follow each other") { $0.rested / $0.append },
            row("times a thread of a node slept, per payment") { $0.switches },
            row("payment after payment, ms") { $0.inRow },
            row("append + fdatasync as often, ms") { $0.pacedAppend },
            row("payment in appends") { $0.inRow / $0.pacedAppend },
            row("append + fdatasync after append, ms") { $0.append },
            row("payment after payment in appends after appends") { $0.inRow / $0.append },
        ].joined(separator: "\n")
    }

    private func middle(_ sorted: [Double]) -> Double { sorted[sorted.count / 2] }

    /// The median time of an append of 4 KiB with fdatasync, begun every so many milliseconds.
    ///
    /// The processor stays awake meanwhile, so that what the time between them costs is the disk's.
    private func appendMilliseconds(_ count: Int, every period: Double = 0) throws -> Double {
        let file = open(folder + "/sync", O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw LoadFailure("cannot write in \(folder)") }
        defer { close(file) }
        let page = [UInt8](repeating: 7, count: 4096)
        let bytes = page.count * count
        posix_fallocate(file, 0, off_t(bytes))
        fsync(file)
        var times: [Double] = []
        var next = now()
        for number in 0..<count {
            while now() < next {}
            let begin = now()
            next = begin + period / 1_000
            guard pwrite(file, page, page.count, off_t(number * page.count)) == page.count,
                fdatasync(file) == 0
            else { throw LoadFailure("cannot write in \(folder)") }
            times.append((now() - begin) * 1_000)
        }
        return middle(times.sorted())
    }

    /// How often all threads of all nodes have gone to sleep so far.
    private func switches() -> UInt64 {
        nodes.compactMap(\.process?.processIdentifier).reduce(0) { sum, process in
            let folder = "/proc/\(process)/task"
            let tasks = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return tasks.reduce(sum) { sum, task in
                let text =
                    (try? String(contentsOfFile: "\(folder)/\(task)/status", encoding: .utf8)) ?? ""
                let line = text.split(separator: "\n").first {
                    $0.hasPrefix("voluntary_ctxt_switches")
                }
                return sum + (line?.split(separator: "\t").last.flatMap { UInt64($0) } ?? 0)
            }
        }
    }
}
