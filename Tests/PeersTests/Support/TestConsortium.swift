import Consensus
import Glibc
import Ledger
import Logging
import NIOCore
import Signing
import Testing

@testable import Peers

/// Banks with real certificates in a folder that goes with the object.
final class TestConsortium: Sendable {
    let folder: String
    let chainID: UInt64 = 7001
    let genesis = Hash32(11, 12, 13, 14)
    let authorities: [Authority]

    /// Makes an authority for each bank; every bank trusts all of them.
    init(banks: Int = 2) throws {
        var template = Array("/tmp/peers-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        authorities = try (1...banks).map { try Authority.make(name: "Authority of bank \($0)") }
        try writeBundle(authorities, to: "authorities.pem")
    }

    deinit {
        for name in try! #require(Self.names(in: folder)) { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    private static func names(in folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    func writeBundle(_ authorities: [Authority], to name: String) throws {
        try Authority.write(
            authorities.map(\.certificate), to: folder + "/" + name, replacing: true)
    }

    static func key(_ bank: Int) -> PrivateKey {
        PrivateKey([UInt8](repeating: UInt8(bank), count: 32))!
    }

    /// Issues a certificate for a bank and says where its files are.
    @discardableResult
    func issue(
        _ bank: Int, by authority: Authority? = nil, as name: String? = nil,
        from start: Int64 = -60, to end: Int64 = 86_400 * 100,
        usage: String = "serverAuth,clientAuth"
    ) throws -> CertificateFiles {
        let now = Authority.now
        let certificate = try (authority ?? authorities[bank - 1]).issue(
            name: "Bank \(bank)", host: "127.0.0.1", chainID: chainID, bank: NodeID(UInt64(bank)),
            validity: now + start..<now + end + 1, usage: usage)
        let files = files(name ?? "bank\(bank)")
        try certificate.write(certificate: files.chain, key: files.key, replacing: true)
        return files
    }

    func files(_ name: String) -> CertificateFiles {
        CertificateFiles(
            chain: "\(folder)/\(name).pem", key: "\(folder)/\(name).key",
            authorities: folder + "/authorities.pem")
    }

    func configuration(_ bank: Int, files: CertificateFiles? = nil) throws -> PeerConfiguration {
        var configuration = PeerConfiguration(
            id: NodeID(UInt64(bank)), nodeKey: .local(Self.key(bank)), chainID: chainID,
            genesis: genesis, host: "127.0.0.1", port: 0, files: try files ?? issue(bank))
        // Nobody is given up for being slow, however slow the machine, but where that is the subject.
        configuration.timeouts.connectMillis = 120_000
        configuration.timeouts.helloMillis = 120_000
        configuration.timeouts.silenceMillis = 120_000
        configuration.timeouts.stuckMillis = 120_000
        configuration.timeouts.drainMillis = 120_000
        configuration.timeouts.farewellMillis = 120_000
        return configuration
    }
}

/// A network with somebody who writes down what it says.
final class TestNode: Sendable {
    let bank: Int
    let network: PeerNetwork
    let recorder: Recorder

    init(_ configuration: PeerConfiguration, recorder: Recorder = Recorder()) async throws {
        bank = Int(configuration.id.rawValue)
        self.recorder = recorder
        let logger = Logger(label: "peers") { _ in RecordingLog(recorder: recorder) }
        network = PeerNetwork(configuration: configuration, logger: logger) { refusal in
            recorder.refused(refusal)
        }
        do {
            try await network.start(recorder)
        } catch {
            await network.shutdown()
            throw error
        }
    }

    /// Where others find this node.
    func address(as bank: Int? = nil, key: Int? = nil) -> PeerAddress {
        let bank = bank ?? self.bank
        return PeerAddress(
            id: NodeID(UInt64(bank)), nodeKey: TestConsortium.key(key ?? bank).address,
            host: "127.0.0.1", port: network.port ?? 1)
    }

    /// An address for a bank that the node has to know, but cannot reach.
    static func unreachable(_ bank: Int) -> PeerAddress {
        PeerAddress(
            id: NodeID(UInt64(bank)), nodeKey: TestConsortium.key(bank).address,
            host: "127.0.0.1", port: 1)
    }

    func send(_ bytes: [UInt8], to bank: Int, lane: Lane = .consensus) {
        network.send(RawFrame(bytes), to: NodeID(UInt64(bank)), lane: lane)
    }

    func state(of bank: Int) throws -> PeerState {
        try #require(network.states().first { $0.id == NodeID(UInt64(bank)) })
    }
}

/// Runs a test with nodes that are shut down whatever becomes of it.
func withNodes(
    _ configurations: [PeerConfiguration], keepsBytes: Bool = true,
    _ body: ([TestNode]) async throws -> Void
) async throws {
    var nodes: [TestNode] = []
    do {
        for configuration in configurations {
            nodes.append(
                try await TestNode(configuration, recorder: Recorder(keepsBytes: keepsBytes)))
        }
        try await body(nodes)
    } catch {
        for node in nodes { await node.network.shutdown() }
        throw error
    }
    for node in nodes { await node.network.shutdown() }
}

/// Makes all nodes known to one another and waits until all lanes are up.
func connect(_ nodes: [TestNode]) async throws {
    for node in nodes {
        node.network.update(peers: nodes.map { $0.address() })
    }
    for node in nodes {
        for other in nodes where other.bank != node.bank {
            let bank = UInt64(other.bank)
            try await node.recorder.wait("\(node.bank) reaches \(bank)") { $0.isConnected(bank) }
        }
    }
}
