import Consensus
import Execution
import Foundation
import Glibc
import Ledger
import Logging
import Peers
import Replica
import Signing
import TestSupport
import Testing
import Threads

@testable import Node

/// Several banks' nodes in one process: real folders, certificates, sockets and logs.
final class TestConsortium {
    let folder = TemporaryFolder()
    let genesis: Genesis
    /// A port for each bank, and one for another that may join.
    let ports: [Int]
    private let authority: Authority
    private(set) var nodes: [Int: Node] = [:]
    /// What the nodes themselves logged.
    let log = Locked([String]())

    init(
        banks count: Int, certificateQuorum: UInt16? = nil, checkpointInterval: UInt64 = 10_000
    ) throws {
        ports = try Self.freePorts(count + 1)
        let ports = ports
        let base = DevelopmentKeys.genesis(timeMillis: 1_700_000_000_000)
        genesis = Genesis(
            chainID: base.chainID, timeMillis: base.timeMillis, allocations: base.allocations,
            rules: base.rules,
            validators: (0..<count).map { index in
                Genesis.Validator(
                    name: "Bank \(index + 1)", address: DevelopmentKeys.addresses[index],
                    endpoint: "127.0.0.1:\(ports[index])")
            }, certificateQuorum: certificateQuorum ?? UInt16(BankSet.defaultQuorum(of: count)),
            checkpointInterval: checkpointInterval)
        authority = try Authority.make(name: "Test Authority")
        for index in 0..<count { try prepare(index, named: "Bank \(index + 1)") }
    }

    /// Makes the folder of a bank with its certificate.
    func prepare(_ index: Int, named name: String) throws {
        let home = home(index)
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try authority.write(
            certificate: home + "/authorities.pem", key: home + "/authority.key")
        try authority.issue(
            name: name, host: "127.0.0.1", chainID: genesis.chainID,
            bank: NodeID(UInt64(index + 1))
        ).write(certificate: home + "/node.pem", key: home + "/node.key")
    }

    func home(_ index: Int) -> String { folder.path + "/bank\(index + 1)" }

    func configuration(_ index: Int) -> NodeConfiguration {
        var configuration = NodeConfiguration(
            folder: home(index) + "/data", genesis: genesis,
            key: .local(DevelopmentKeys.key(index)!), verifiers: 2)
        configuration.diskReserve = 0
        configuration.peering = PeeringOptions(
            host: "127.0.0.1", port: ports[index],
            files: CertificateFiles(
                chain: home(index) + "/node.pem", key: home(index) + "/node.key",
                authorities: home(index) + "/authorities.pem"))
        return configuration
    }

    @discardableResult
    func start(
        _ index: Int, configure: (inout NodeConfiguration) -> Void = { _ in }
    ) async throws -> Node {
        var configuration = configuration(index)
        configure(&configuration)
        let node = try Node.start(
            configuration,
            logger: Logger(label: "test") { [log] _ in Notes(text: log) })
        try await node.meetPeers()
        nodes[index] = node
        return node
    }

    func stop(_ index: Int) async {
        guard let node = nodes.removeValue(forKey: index) else { return }
        await node.leavePeers()
        node.stop()
    }

    func stopAll() async {
        for index in nodes.keys.sorted() { await stop(index) }
    }

    func startAll() async throws {
        for index in genesis.validators.indices { try await start(index) }
        _ = try await leader()
    }

    /// Waits until a node leads.
    func leader() async throws -> Int {
        try await eventually("a node leads") {
            nodes.keys.sorted().first { nodes[$0]?.status.isLeader == true }
        }
    }

    /// Sends transactions to one node and waits for their blocks there.
    func run(_ raws: [[UInt8]], on index: Int, _ mode: WaitMode = .executed) async throws {
        let node = try #require(nodes[index])
        let answers = await withCheckedContinuation { continuation in
            node.submit(raws) { continuation.resume(returning: $0) }
        }
        for answer in answers {
            let hash = try answer.get()
            let outcome = await withCheckedContinuation { continuation in
                node.wait(for: hash, mode, timeoutMillis: 120_000) {
                    continuation.resume(returning: $0)
                }
            }
            guard case .found = outcome else {
                let standings = nodes.keys.sorted().map { standing(of: $0) }
                throw TimedOut(
                    description: "\(hash) on node \(index + 1): \(outcome)\n"
                        + standings.joined(separator: "\n"))
            }
        }
    }

    /// How a node stands, for the message of a test that failed.
    func standing(of index: Int) -> String {
        guard let node = nodes[index] else { return "\(index + 1): stopped" }
        let status = node.driver.status
        return node.pool.with { state in
            """
            \(index + 1): height \(node.head.header.height), certified \(node.certifiedHeight), \
            pool \(state.pool.count), leads \(state.isLeader), leader \(state.leader as Any), \
            in flight \(state.inFlight), unpublished \(state.unpublished), refused \
            \(state.isRefused), closed \(state.closedBecause as Any); raft \(status)
            """
        }
    }

    /// Waits until all running nodes have executed and certified the same last block.
    func settle() async throws {
        _ = try await eventually("all nodes have the same certified head") {
            let heads = Set(nodes.values.map(\.head.hash))
            let certified = nodes.values.allSatisfy { $0.certifiedHeight == $0.head.header.height }
            return heads.count == 1 && certified ? true : nil
        }
    }

    struct TimedOut: Error, CustomStringConvertible { let description: String }

    /// Asks again and again until there is an answer, for two minutes.
    @discardableResult
    func eventually<Answer>(_ what: String, _ question: () throws -> Answer?) async throws -> Answer
    {
        for _ in 0..<12_000 {
            if let answer = try question() { return answer }
            try await Task.sleep(for: .milliseconds(10))
        }
        let standings = nodes.keys.sorted().map { standing(of: $0) }
        throw TimedOut(
            description: "never: \(what)\n" + standings.joined(separator: "\n"))
    }

    /// Ports below those that the system hands out: a node that is started again finds its own, which is nobody's
    /// end of a connection meanwhile.
    static func freePorts(_ count: Int) throws -> [Int] {
        var ports: [Int] = []
        for _ in 0..<10_000 where ports.count < count {
            let port = Int.random(in: 10_000..<28_000)
            if !ports.contains(port), isFree(port) { ports.append(port) }
        }
        try #require(ports.count == count, "no free ports")
        return ports
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

/// Keeps what is logged by the nodes, apart from their transport.
struct Notes: LogHandler {
    let text: Locked<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    init(text: Locked<[String]>) { self.text = text }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.source == "Node" else { return }
        text.with { $0.append(event.message.description) }
    }
}
