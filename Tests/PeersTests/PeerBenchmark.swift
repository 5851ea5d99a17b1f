import Consensus
import Glibc
import Ledger
import Logging
import Synchronization
import Testing

@testable import Peers

/// Prints how much passes between two nodes over TLS on this machine; nothing depends on it.
///
/// Means something in a release build only, and nothing is checked, so that it runs only when it is asked for:
/// `BENCH=1 swift test -c release -Xswiftc -enable-testing --filter PeersTests.PeerBenchmark`.
@Suite(.serialized, .enabled(if: getenv("BENCH") != nil)) struct PeerBenchmark {
    /// Counts what comes in, and gives the sender leave to go on.
    private final class Sink: PeerReceiver {
        let frames = Atomic<Int>(0)
        let isConnected = Atomic<Int>(0)

        func received(_ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64) {
            frames.add(1, ordering: .relaxed)
        }

        func connected(to peer: NodeID, lane: Lane) { isConnected.add(1, ordering: .relaxed) }
        func disconnected(from peer: NodeID, lane: Lane, why: String) {}

        func wait(_ frames: Int) {
            while self.frames.load(ordering: .relaxed) < frames { usleep(50) }
        }
    }

    @Test(arguments: [(200, 1_000_000), (100 << 10, 20_000), (1 << 20, 2_000)])
    func `frames a second`(_ size: Int, _ count: Int) async throws {
        let consortium = try TestConsortium()
        let sinks = [Sink(), Sink()]
        var networks: [PeerNetwork] = []
        for bank in 1...2 {
            let network = PeerNetwork(
                configuration: try consortium.configuration(bank),
                logger: .init(label: "bench") { _ in RecordingLog(recorder: Recorder()) })
            try await network.start(sinks[bank - 1])
            networks.append(network)
        }
        for (bank, network) in networks.enumerated() {
            network.update(peers: [
                PeerAddress(
                    id: NodeID(UInt64(2 - bank)), nodeKey: TestConsortium.key(2 - bank).address,
                    host: "127.0.0.1", port: networks[1 - bank].port ?? 0)
            ])
        }
        while sinks.contains(where: { $0.isConnected.load(ordering: .relaxed) < 2 }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        let frame = RawFrame([UInt8](repeating: 7, count: size))
        let window = max(16, (16 << 20) / size)
        let start = ContinuousClock.now
        for number in 0..<count {
            if number >= window { sinks[1].wait(number - window) }
            networks[0].send(frame, to: NodeID(2), lane: .consensus)
        }
        sinks[1].wait(count)
        let time = (ContinuousClock.now - start) / .seconds(1)
        let pings = try await roundTrips(networks, sinks)
        print(
            "peers: \(size) bytes: \(Int(Double(count) / time)) frames/s, "
                + "\(Int(Double(count * size) / time / 1e6)) MB/s; one frame there and one back: "
                + "\(pings) µs")
        for network in networks { await network.shutdown() }
    }

    /// The median of a hundred frames there and one back, in microseconds.
    private func roundTrips(_ networks: [PeerNetwork], _ sinks: [Sink]) async throws -> Int {
        var times: [Duration] = []
        for _ in 0..<200 {
            let (there, back) = (
                sinks[1].frames.load(ordering: .relaxed), sinks[0].frames.load(ordering: .relaxed)
            )
            let start = ContinuousClock.now
            networks[0].send(RawFrame([1]), to: NodeID(2), lane: .consensus)
            while sinks[1].frames.load(ordering: .relaxed) == there { sched_yield() }
            networks[1].send(RawFrame([1]), to: NodeID(1), lane: .consensus)
            while sinks[0].frames.load(ordering: .relaxed) == back { sched_yield() }
            times.append(ContinuousClock.now - start)
        }
        return Int(times.sorted()[times.count / 2] / .microseconds(1))
    }
}
