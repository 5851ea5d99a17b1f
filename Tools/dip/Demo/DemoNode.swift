import Dispatch
import Foundation
import Gateway
import Synchronization

/// A development node in a process and folder of its own.
final class DemoNode: Sendable {
    /// Where it answers.
    let url: String
    /// The folder with its data, its log and whatever the demo leaves there.
    let folder: String
    let processID: Int32
    private let isEnded = Mutex(false)

    private init(url: String, folder: String, processID: Int32) {
        self.url = url
        self.folder = folder
        self.processID = processID
    }

    /// Starts this program again as a node and waits until it answers.
    ///
    /// - Parameter startTime: where given, the clock starts then and is moved by hand.
    /// - Returns: the node, which serves.
    /// - Throws: ``Failure`` with the end of the node's log where it does not start.
    static func start(startTime: UInt64? = nil) async throws -> DemoNode {
        let folder =
            FileManager.default.temporaryDirectory.path() + "/dipnet-demo-"
            + String(UInt64.random(in: 0...UInt64.max), radix: 36)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let readyFile = folder + "/ready.json"
        var arguments = [
            "node", "--dev", "--data", folder + "/data", "--port", "0", "--ready-file", readyFile,
        ]
        if let startTime {
            arguments += ["--clock", "manual", "--start-time", String(startTime)]
        }
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = arguments
        let log = folder + "/node.log"
        try Data().write(to: URL(filePath: log))
        let output = FileHandle(forWritingAtPath: log)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let url = try? address(in: readyFile) {
                return DemoNode(url: url, folder: folder, processID: process.processIdentifier)
            }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        if process.isRunning { process.terminate() }
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        try? FileManager.default.removeItem(atPath: folder)
        throw Failure.failed("the node did not start:\n" + text.suffix(2000))
    }

    private static func address(in file: String) throws -> String? {
        try JSON(parsing: [UInt8](Data(contentsOf: URL(filePath: file))))["url"]?.string
    }

    /// A client of the node.
    func client() throws -> RPCClient {
        var endpoint = try RPCEndpoint(url)
        endpoint.timeoutMilliseconds = 120_000
        return RPCClient(endpoint)
    }

    /// Asks the node to stop, waits until it has, and deletes the folder.
    func end() {
        let isFirst = isEnded.withLock { ended in
            defer { ended = true }
            return !ended
        }
        guard isFirst else { return }
        kill(processID, SIGTERM)
        var status: Int32 = 0
        var isRunning = true
        for _ in 0..<1_000 where isRunning {
            isRunning = waitpid(processID, &status, WNOHANG) == 0
            if isRunning { usleep(10_000) }
        }
        // A node that hangs must not outlive its folder; of one that has ended the number may be taken.
        if isRunning { kill(processID, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Ends the node after a failure.
    ///
    /// Where a signal is ending it, that is the failure's reason, and the process ends here.
    func endAfterFailure() async {
        if isEnded.withLock({ $0 }) { try? await Task.sleep(for: .seconds(60)) }
        end()
    }

    /// Ends the node and this process at the first SIGINT or SIGTERM.
    func endWhenAsked() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                end()
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
