import Foundation
import Glibc

/// Single payments on an idle ledger, in many short runs, each beside the disk as it is at that moment.
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

    /// What one short run gave.
    struct Sample {
        var milliseconds: Double
        /// The same with two requests for each payment.
        var inTwoMilliseconds: Double
        /// Without a rest before each.
        var inRowMilliseconds: Double
        var syncMilliseconds: Double
        /// An append with fdatasync after a rest like that before each payment.
        var restedMilliseconds: Double
        var switches: Double
    }

    private static let payments = 50

    /// Measures so many short runs and gives the table of their medians.
    func measure(_ runs: Int) throws -> String {
        var run = Run(options, node: node)
        _ = try run.idle(Self.payments)
        var samples: [Sample] = []
        for _ in 0..<runs {
            let (sync, rested) = (try syncMilliseconds(), try syncMilliseconds(rest: 2_000))
            let before = switches()
            let times = try run.idle(Self.payments)
            let slept = Double(switches() - before) / Double(Self.payments)
            let inTwo = try run.idle(Self.payments, .twoRequests)
            let inRow = try run.idle(Self.payments, rest: 0)
            samples.append(
                Sample(
                    milliseconds: times[times.count / 2],
                    inTwoMilliseconds: inTwo[inTwo.count / 2],
                    inRowMilliseconds: inRow[inRow.count / 2], syncMilliseconds: sync,
                    restedMilliseconds: rested, switches: slept))
        }
        func row(_ label: String, _ value: (Sample) -> Double) -> String {
            let sorted = samples.map(value).sorted()
            let (middle, least) = (sorted[sorted.count / 2], sorted[0])
            return label.padding(toLength: 48, withPad: " ", startingAt: 0)
                + BankRun.Outcome.number(middle).padding(toLength: 12, withPad: " ", startingAt: 0)
                + "least \(BankRun.Outcome.number(least))"
        }
        return [
            row("one payment on an idle ledger, ms") { $0.milliseconds },
            row("  sent with one request, waited for with another") { $0.inTwoMilliseconds },
            row("  one after another, without a rest") { $0.inRowMilliseconds },
            row("4 KiB append + fdatasync, ms") { $0.syncMilliseconds },
            row("  after a rest as before each payment") { $0.restedMilliseconds },
            row("payment in appends with fdatasync") { $0.milliseconds / $0.syncMilliseconds },
            row("  without a rest") { $0.inRowMilliseconds / $0.syncMilliseconds },
            row("payment in appends after a rest") { $0.milliseconds / $0.restedMilliseconds },
            row("times a thread of a node slept, per payment") { $0.switches },
        ].joined(separator: "\n")
    }

    /// The median time of an append of 4 KiB with fdatasync, after a rest of so many microseconds.
    private func syncMilliseconds(rest: useconds_t = 0) throws -> Double {
        let file = open(folder + "/sync", O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw LoadFailure("cannot write in \(folder)") }
        defer { close(file) }
        posix_fallocate(file, 0, 1 << 20)
        fsync(file)
        let page = [UInt8](repeating: 7, count: 4096)
        var times: [Double] = []
        for place in 0..<Self.payments {
            if rest > 0 { usleep(rest) }
            let begin = now()
            guard pwrite(file, page, page.count, off_t(place * page.count)) == page.count,
                fdatasync(file) == 0
            else { throw LoadFailure("cannot write in \(folder)") }
            times.append((now() - begin) * 1000)
        }
        return times.sorted()[times.count / 2]
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
