import Foundation
import Glibc

/// A node that runs as a process of its own.
final class NodeProcess {
    let folder: String
    let dip: String
    /// What the program is started with, besides the file in which it says that it serves.
    let arguments: [String]
    private(set) var port = 0
    private(set) var process: Process?

    init(dip: String, folder: String, arguments: [String]) {
        self.dip = dip
        self.folder = folder
        self.arguments = arguments
    }

    /// A development node alone; `cacheCells` records of state stay in memory, its own choice if nil.
    convenience init(dip: String, folder: String, cacheCells: Int?) {
        let cache = cacheCells.map { ["--cache-cells", "\($0)"] } ?? []
        self.init(
            dip: dip, folder: folder,
            arguments: ["node", "--dev", "--data", folder + "/data", "--port", "0"] + cache)
    }

    /// Whether the process was started and has not ended.
    var isRunning: Bool { process?.isRunning ?? false }

    /// Starts the node and waits until it serves; how long that took.
    @discardableResult
    func start() throws -> Double {
        let ready = folder + "/ready.json"
        try? FileManager.default.removeItem(atPath: ready)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: dip)
        process.arguments = arguments + ["--ready-file", ready, "--log-level", "error"]
        process.standardOutput = FileHandle.nullDevice
        let begin = now()
        try process.run()
        self.process = process
        while now() - begin < 120 {
            if let data = FileManager.default.contents(atPath: ready),
                let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
                let url = object["url"] as? String, let text = url.split(separator: ":").last,
                let port = Int(text)
            {
                self.port = port
                return now() - begin
            }
            guard process.isRunning else { break }
            usleep(2_000)
        }
        throw LoadFailure("the node did not start; its data is in \(folder)")
    }

    /// Ends the process as a power switch would.
    func kill() {
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        self.process = nil
    }

    func stop() {
        guard let process else { return }
        process.terminate()
        process.waitUntilExit()
        self.process = nil
    }

    /// The memory that the node has in use, in bytes.
    var residentBytes: Int {
        guard let process,
            let text = try? String(
                contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix("VmRSS:") {
            return (Int(line.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 1024
        }
        return 0
    }
}

/// Seconds on a clock that nobody sets.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
