import Consensus
import Foundation
import Glibc
import Peers

/// What consensus alone does: three processes over TLS with entries of 100 KiB, and one with 1 MiB against
/// what the disk takes.
struct OrderingRun {
    let folder: String
    let quick: Bool

    /// What was measured.
    struct Outcome {
        var entriesPerSecond = 0.0
        var soleMegabytesPerSecond = 0.0
        var diskMegabytesPerSecond = 0.0

        /// The results as a table for people, or one JSON object.
        func text(_ limits: Report.Limits, json: Bool) -> String {
            let ratio = soleMegabytesPerSecond / diskMegabytesPerSecond
            let number = BankRun.Outcome.number
            if json {
                return """
                    {"limits":{"diskMegabytesPerSecond":\(number(diskMegabytesPerSecond)),\
                    "fdatasyncMilliseconds":\(number(limits.fdatasyncMilliseconds))},"results":\
                    {"orderedPerSecond":\(number(entriesPerSecond)),"soleMegabytesPerSecond":\
                    \(number(soleMegabytesPerSecond)),"soleRatio":\(number(ratio))}}
                    """
            }
            return """
                limit: 1 MiB appends + fdatasync, MB/s          \(number(diskMegabytesPerSecond))
                three nodes over TLS, entries of 100 KiB/s      \(number(entriesPerSecond))   target 504
                one node, entries of 1 MiB, MB/s                \(number(soleMegabytesPerSecond))
                  of the disk                                   \(number(ratio))   target 0.3
                """
        }
    }

    func measure(_ note: (String) -> Void) throws -> Outcome {
        var outcome = Outcome()
        note("what the disk takes")
        outcome.diskMegabytesPerSecond = try diskRate(quick ? 256 : 1_024)
        note("ordering on three nodes")
        let three = folder + "/three"
        try FileManager.default.createDirectory(
            atPath: three, withIntermediateDirectories: true)
        let authority = try Authority.make(name: "Ordering")
        try authority.write(
            certificate: three + "/authorities.pem", key: three + "/authority.key")
        for id in 1...3 {
            try authority.issue(
                name: "Orderer \(id)", host: "127.0.0.1", chainID: 1, bank: NodeID(UInt64(id))
            ).write(certificate: "\(three)/node\(id).pem", key: "\(three)/node\(id).key")
        }
        let entries = quick ? 1_000 : 5_000
        outcome.entriesPerSecond =
            Double(entries) / (try seconds(3, three, entries: entries, bytes: 100 << 10))
        note("ordering on one node")
        let one = folder + "/one"
        try FileManager.default.createDirectory(atPath: one, withIntermediateDirectories: true)
        let large = quick ? 256 : 1_024
        outcome.soleMegabytesPerSecond =
            Double(large) * 1.048_576 / (try seconds(1, one, entries: large, bytes: 1 << 20))
        return outcome
    }

    private func seconds(
        _ count: Int, _ folder: String, entries: Int, bytes: Int
    ) throws -> Double {
        let base = 16_000 + Int(getpid()) % 3_000
        let orderers = try (1...count).map { id in
            try OrdererProcess("\(id):\(count):\(base):\(folder)")
        }
        defer { for orderer in orderers { orderer.end() } }
        let end = now() + 30
        while now() < end {
            for orderer in orderers where try orderer.ask("?") == "leader" {
                // Once to warm up connections and files.
                _ = try orderer.ask("50 \(bytes)")
                guard let taken = Double(try orderer.ask("\(entries) \(bytes)")), taken > 0 else {
                    continue
                }
                return taken
            }
            usleep(20_000)
        }
        throw LoadFailure("no orderer leads")
    }

    /// Appends of 1 MiB, each synced, as a log would write them one by one.
    private func diskRate(_ megabytes: Int) throws -> Double {
        let path = folder + "/disk"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw LoadFailure("cannot write \(path)") }
        defer {
            close(file)
            unlink(path)
        }
        let block = [UInt8](repeating: 7, count: 1 << 20)
        let begin = now()
        for _ in 0..<megabytes {
            guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else {
                throw LoadFailure("cannot write \(path)")
            }
        }
        return Double(megabytes) * 1.048_576 / (now() - begin)
    }
}

/// An ``Orderer`` in a process of its own.
private final class OrdererProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ description: String) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--dip", "", "--limits", "", "--orderer", description]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    func ask(_ line: String) throws -> String {
        input.fileHandleForWriting.write(Data((line + "\n").utf8))
        var answer = Data()
        while true {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            guard let value = byte.first else { throw LoadFailure("an orderer ended") }
            if value == 10 { return String(decoding: answer, as: UTF8.self) }
            answer.append(value)
        }
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }
}
