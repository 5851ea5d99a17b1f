import Consensus
import Foundation
import Glibc
import Ledger
import Logging
import Peers
import Replica
import Signing
import Synchronization

/// A process that orders bytes and has no ledger: the driver with its log, and the peers over TLS.
///
/// It is told on standard input what to do and answers on standard output, a line each.
final class Orderer: CommitConsumer, PeerReceiver, Outbox, @unchecked Sendable {
    // `@unchecked`: what can be set is set before the driver starts.
    private let id: NodeID
    private let count: Int
    private var driver: Driver?
    private var network: PeerNetwork?
    private let delivered = Atomic<Int>(0)
    private let isLeading = Atomic<Bool>(false)
    /// Entries under way, so many that the disk is never waited for.
    private static let window = 24

    private init(id: NodeID, count: Int) {
        self.id = id
        self.count = count
    }

    /// Runs the orderer that a description `id:count:base port:folder` names, until its input ends.
    static func run(_ description: String) throws {
        let parts = description.split(separator: ":", maxSplits: 3).map(String.init)
        guard parts.count == 4, let id = UInt64(parts[0]), let count = Int(parts[1]),
            let port = Int(parts[2])
        else { throw LoadFailure("an orderer is named id:count:port:folder") }
        let orderer = Orderer(id: NodeID(id), count: count)
        try orderer.start(folder: parts[3], basePort: port)
        while let line = readLine() {
            let words = line.split(separator: " ").compactMap { Int($0) }
            if words.count == 2 {
                print(orderer.order(words[0], bytes: words[1]))
                fflush(nil)
            } else {
                print(orderer.isLeading.load(ordering: .acquiring) ? "leader" : "follower")
                fflush(nil)
            }
        }
    }

    private func start(folder: String, basePort: Int) throws {
        let chain = SHA256.hash(Array("ordering".utf8))
        let keys = (1...count).map { PrivateKey(Keccak256.hash("orderer \($0)").bytes) }
        guard let founders = Membership((1...count).map { .init(id: NodeID(UInt64($0))) }),
            let key = keys[Int(id.rawValue) - 1]
        else { throw LoadFailure("an orderer's number is 1 to its count") }
        var options = Driver.Options(
            owner: LogOwner(chain: chain, node: id), founders: founders)
        options.trailingEntries = 64
        let driver = try Driver(
            folder: "\(folder)/log\(id)", options: options, outbox: self)
        self.driver = driver
        guard count > 1 else { return try driver.start(self) }
        let network = PeerNetwork(
            configuration: PeerConfiguration(
                id: id, nodeKey: .local(key), chainID: 1, genesis: chain, host: "127.0.0.1",
                port: basePort + Int(id.rawValue),
                files: CertificateFiles(
                    chain: "\(folder)/node\(id).pem", key: "\(folder)/node\(id).key",
                    authorities: "\(folder)/authorities.pem")),
            logger: Logger(label: "orderer") { _ in SwiftLogNoOpLogHandler() })
        self.network = network
        network.update(
            peers: keys.enumerated().compactMap { index, key in
                key.map {
                    PeerAddress(
                        id: NodeID(UInt64(index + 1)), nodeKey: $0.address, host: "127.0.0.1",
                        port: basePort + index + 1)
                }
            }.filter { $0.id != id })
        try driver.start(self)
        let started = DispatchSemaphore(value: 0)
        Task {
            try? await network.start(self)
            started.signal()
        }
        started.wait()
    }

    /// Orders so many entries and waits until all of them are committed and taken.
    /// - Returns: the seconds that it took; below zero if this node does not lead.
    private func order(_ entries: Int, bytes: Int) -> Double {
        guard let driver else { return -1 }
        var payload = [UInt8](repeating: 0xd1, count: bytes)
        let before = delivered.load(ordering: .acquiring)
        let begin = now()
        for number in 0..<entries {
            while before + number - delivered.load(ordering: .acquiring) >= Self.window {
                usleep(50)
            }
            payload[0] = UInt8(truncatingIfNeeded: number)
            guard case .accepted = driver.submit(payload) else { return -1 }
        }
        while delivered.load(ordering: .acquiring) < before + entries { usleep(50) }
        return now() - begin
    }

    // MARK: What consensus and the network call

    func committed(_ entry: CommittedEntry) {
        let count = delivered.add(1, ordering: .acquiringAndReleasing).newValue
        if count % 256 == 0 {
            let index = entry.index
            driver?.snapshot(at: index, application: [])
        }
    }

    func leadershipChanged(_ leadership: Leadership) {
        if case .leading = leadership {
            isLeading.store(true, ordering: .releasing)
        } else {
            isLeading.store(false, ordering: .releasing)
        }
    }

    func restore(_ marker: SnapshotMarker) -> Bool { true }

    func stopped(_ fault: ConsensusFault) { print("stopped: \(fault)") }

    func send(_ message: RaftMessage, to peer: NodeID) {
        network?.send(Frame(message: .raft(message)), to: peer, lane: .consensus)
    }

    private struct Frame: PeerFrame {
        let message: PeerMessage
        var byteCount: Int { message.byteCount }
        func write(to writer: inout ByteWriter) { message.write(to: &writer) }
    }

    func received(_ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64) {
        guard case .raft(let message)? = try? PeerMessage(decoding: bytes) else { return }
        driver?.receive(message, from: peer, epoch: epoch)
    }

    func connected(to peer: NodeID, lane: Lane) {}
    func disconnected(from peer: NodeID, lane: Lane, why: String) {}
}
