import Foundation
import Glibc
import JSON
import Synchronization

/// A node, or the desk of a bank, in a process of its own, with its log in a file.
final class DemoProcess: Sendable {
    /// Where it answers.
    let url: String
    let processID: Int32
    private let hasEnded = Mutex(false)

    private init(url: String, processID: Int32) {
        self.url = url
        self.processID = processID
    }

    /// Starts this program again as a node and waits until it answers.
    ///
    /// - Parameters:
    ///   - arguments: those of `dip node`; paths start at `home`.
    ///   - home: a folder for the log, to which is added, and for the file that tells the address.
    /// - Returns: the node, which serves.
    /// - Throws: ``Failure`` with the end of the node's log where it does not start.
    static func start(_ arguments: [String], home: String) async throws -> DemoProcess {
        let readyFile = home + "/ready.json"
        try? FileManager.default.removeItem(atPath: readyFile)
        let log = home + "/node.log"
        let process = try launch(
            ["node"] + arguments + ["--ready-file", readyFile], home: home, log: log)
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let url = try? address(in: readyFile) {
                return DemoProcess(url: url, processID: process.processIdentifier)
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        if process.isRunning { process.terminate() }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Failure.failed("the node did not start:\n" + text.suffix(2000))
    }

    /// Starts this program again as the desk of a bank; it tells nobody when it is ready.
    ///
    /// - Parameters:
    ///   - arguments: those of `dip bank desk`; paths start at `home`.
    ///   - home: a folder for the log.
    /// - Returns: the desk.
    /// - Throws: what starting a process meets.
    static func desk(_ arguments: [String], home: String) throws -> DemoProcess {
        let process = try launch(["bank", "desk"] + arguments, home: home, log: home + "/desk.log")
        return DemoProcess(url: "", processID: process.processIdentifier)
    }

    /// Runs a command of this program to its end.
    ///
    /// - Parameters:
    ///   - arguments: the command; paths start at `home`.
    ///   - home: a folder for the log.
    /// - Throws: ``Failure`` with what the command said where it fails.
    static func run(_ arguments: [String], home: String) throws {
        let log = home + "/command.log"
        let process = try launch(arguments, home: home, log: log)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw Failure.failed("dip \(arguments.prefix(2).joined(separator: " ")): \(text)")
        }
    }

    private static func launch(
        _ arguments: [String], home: String, log: String
    ) throws -> Process {
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        // Paths from there stay short enough for a socket's, wherever temporary folders are.
        process.currentDirectoryURL = URL(filePath: home)
        process.arguments = arguments
        if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(filePath: log)) }
        let output = FileHandle(forWritingAtPath: log)
        _ = try output?.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func address(in file: String) throws -> String? {
        try JSON(parsing: [UInt8](Data(contentsOf: URL(filePath: file))))["url"]?.string
    }

    /// Asks the node to stop.
    func terminate() { send(SIGTERM) }

    /// Ends the node as a power switch would, and waits until it is gone.
    func kill() {
        send(SIGKILL)
        waitUntilGone()
    }

    private func send(_ signal: Int32) {
        // The number of a process that has ended may be another's by now.
        hasEnded.withLock { ended in
            if !ended { _ = Glibc.kill(processID, signal) }
        }
    }

    /// Waits until the node is gone; ten seconds later it is made to.
    func waitUntilGone() {
        hasEnded.withLock { ended in
            guard !ended else { return }
            var status: Int32 = 0
            for _ in 0..<1_000 {
                if waitpid(processID, &status, WNOHANG) != 0 { return ended = true }
                usleep(10_000)
            }
            // A node that hangs must not outlive its folder.
            _ = Glibc.kill(processID, SIGKILL)
            waitpid(processID, &status, 0)
            ended = true
        }
    }
}
