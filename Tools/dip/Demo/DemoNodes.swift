import Dispatch
import Execution
import Foundation
import Gateway
import Glibc
import Ledger
import Synchronization
import Wallet

/// The demo's nodes, each a process, with all they have in a temporary folder.
final class DemoNodes: Sendable {
    private struct Contents {
        var processes: [DemoProcess] = []
        var desk: DemoProcess?
        var isEnded = false
    }

    /// The folder with the nodes' data and logs, and whatever the demo leaves there.
    let folder: String
    private let contents = Mutex(Contents())
    /// How each is started: its arguments and its own folder.
    private let commands: [(arguments: [String], home: String)]

    private init(folder: String, commands: [(arguments: [String], home: String)]) {
        self.folder = folder
        self.commands = commands
    }

    // MARK: Starting

    /// Starts a development node, which is alone.
    ///
    /// - Parameter startTime: where given, the clock starts then and is moved by hand.
    /// - Returns: the node, which serves.
    /// - Throws: ``Failure`` where it does not start.
    static func alone(startTime: UInt64? = nil) async throws -> DemoNodes {
        let folder = temporaryFolder()
        var arguments = ["--dev", "--data", "data", "--port", "0"]
        if let startTime {
            arguments += ["--clock", "manual", "--start-time", String(startTime)]
        }
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        return try await started(DemoNodes(folder: folder, commands: [(arguments, folder)]))
    }

    /// Founds a consortium on a development ledger and starts the node of each bank.
    /// - Throws: ``Failure`` where one does not start.
    static func consortium(banks: Int) async throws -> DemoNodes {
        let folder = temporaryFolder()
        let ports = try FreePorts.pick(2 * banks)
        var plan = try ConsortiumPlan(
            names: (1...banks).map { "Bank \($0)" }, hosts: ["127.0.0.1"], basePort: 1,
            chainID: Genesis.developmentChainID)
        for index in 0..<banks {
            plan.banks[index].peerPort = ports[2 * index]
            plan.banks[index].rpcPort = ports[2 * index + 1]
        }
        try Founding(plan, days: 30).write(to: folder, password: nil)
        let commands = (1...banks).map { number in
            (["--config", "node.json"], "\(folder)/bank\(number)")
        }
        return try await started(DemoNodes(folder: folder, commands: commands))
    }

    private static func temporaryFolder() -> String {
        FileManager.default.temporaryDirectory.path + "/dipnet-demo-"
            + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    }

    private static func started(_ nodes: DemoNodes) async throws -> DemoNodes {
        do {
            for command in nodes.commands {
                let process = try await DemoProcess.start(command.arguments, home: command.home)
                nodes.contents.withLock { $0.processes.append(process) }
            }
        } catch {
            nodes.end()
            throw error
        }
        return nodes
    }

    /// Starts the desk of a bank beside the nodes.
    ///
    /// - Parameter desk: its folder, seen from the nodes'.
    /// - Throws: what starting a process meets.
    func startDesk(_ desk: String) throws {
        let process = try DemoProcess.desk(["--desk", desk], home: folder)
        contents.withLock { $0.desk = process }
    }

    // MARK: While they run

    var count: Int { commands.count }

    private subscript(index: Int) -> DemoProcess { contents.withLock { $0.processes[index] } }

    /// Where each answers.
    var urls: [String] { contents.withLock { $0.processes.map(\.url) } }

    var processIDs: [Int32] { contents.withLock { $0.processes.map(\.processID) } }

    /// The desk's process, where one was started.
    var deskID: Int32? { contents.withLock { $0.desk?.processID } }

    /// The keys that vote for the banks: of a node alone the published one, else those in the banks' folders.
    func operators() throws -> [PrivateKey] {
        guard count > 1 else { return [.development(0)] }
        return try commands.map { command in
            try .read(
                hexText: PrivateFiles.read(
                    command.home + "/operator.key", atMost: 1024, isSecret: true))
        }
    }

    /// A client of a node.
    func client(_ index: Int = 0) throws -> RPCClient {
        var endpoint = try RPCEndpoint(self[index].url)
        endpoint.timeoutMilliseconds = 120_000
        return RPCClient(endpoint)
    }

    /// Ends a node as a power switch would.
    func kill(_ index: Int) { self[index].kill() }

    /// Starts a node again that was killed.
    func restart(_ index: Int) async throws {
        let command = commands[index]
        let process = try await DemoProcess.start(command.arguments, home: command.home)
        let isEnded = contents.withLock { contents in
            contents.processes[index] = process
            return contents.isEnded
        }
        if isEnded { process.kill() }
    }

    // MARK: The end

    /// Asks the nodes to stop, waits until they have, and deletes the folder.
    func end() {
        let processes = contents.withLock { contents -> [DemoProcess]? in
            defer { contents.isEnded = true }
            // The desk first: it asks the node until the end.
            let desk = contents.desk.map { [$0] } ?? []
            return contents.isEnded ? nil : desk + contents.processes
        }
        guard let processes else { return }
        for process in processes { process.terminate() }
        for process in processes { process.waitUntilGone() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Ends the nodes after a failure.
    ///
    /// Where a signal is ending them, that is the failure's reason, and the process ends here.
    func endAfterFailure() async {
        if contents.withLock({ $0.isEnded }) { try? await Task.sleep(for: .seconds(60)) }
        end()
    }

    /// Ends the nodes and this process at the first SIGINT or SIGTERM.
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

/// Ports on which nobody listens.
enum FreePorts {
    /// Finds so many below those that the system hands out by itself, where a node that is started again
    /// would find its port taken by somebody's connection.
    static func pick(_ count: Int) throws -> [Int] {
        var found: [Int] = []
        for port in (10_000..<30_000).shuffled() where found.count < count {
            if isFree(port) { found.append(port) }
        }
        guard found.count == count else { throw Failure.failed("there are no free ports") }
        return found
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
