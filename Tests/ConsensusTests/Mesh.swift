import Glibc
import Ledger
import Threads

@testable import Consensus

/// Real drivers in one process; each directed link is a thread that carries messages as bytes.
final class Mesh: @unchecked Sendable {
    private(set) var drivers: [NodeID: Driver] = [:]
    private(set) var collectors: [NodeID: Collector] = [:]
    private let monitor = Monitor(conditions: 1)
    private var frames: [[NodeID]: [[UInt8]]] = [:]
    private var reconnects: [NodeID] = []
    private var isClosed = false
    private var threads: [SystemThread] = []

    /// Starts a group of so many on disks in memory.
    init(_ count: UInt64, _ adjust: (inout Driver.Options) -> Void = { _ in }) throws {
        let ids = (1...count).map { NodeID($0) }
        let founders = Membership(ids.map { .init(id: $0) })!
        for id in ids {
            var options = Driver.Options(
                owner: LogOwner(chain: Hash32(1, 2, 3, 4), node: id), founders: founders)
            options.log.segmentBytes = 1 << 20
            // Nobody is to be replaced because a busy machine did not let it speak for a second.
            options.timing.electionMilliseconds = 3_000
            adjust(&options)
            drivers[id] = try Driver(
                files: MemoryFiles(), options: options, outbox: Exit(from: id, mesh: self))
            collectors[id] = Collector()
        }
        for from in ids {
            for to in ids where from != to {
                threads.append(SystemThread(named: "carry") { self.carry(from, to) })
            }
        }
        for id in ids { try drivers[id]!.start(collectors[id]!) }
    }

    private struct Exit: Outbox {
        let from: NodeID
        unowned let mesh: Mesh
        func send(_ message: RaftMessage, to peer: NodeID) {
            var writer = ByteWriter(capacity: message.byteCount)
            message.write(to: &writer)
            mesh.push(writer.bytes, [from, peer])
        }
    }

    private func push(_ frame: [UInt8], _ link: [NodeID]) {
        monitor.lock()
        frames[link, default: []].append(frame)
        monitor.broadcast(monitor[0])
        monitor.unlock()
    }

    private func carry(_ from: NodeID, _ to: NodeID) {
        while true {
            monitor.lock()
            while frames[[from, to]]?.isEmpty ?? true, !isClosed {
                monitor.wait(for: monitor[0])
            }
            let batch = frames.removeValue(forKey: [from, to]) ?? []
            let isClosed = self.isClosed
            monitor.unlock()
            if isClosed { return }
            for frame in batch {
                var reader = ByteReader(frame)
                guard let message = try? RaftMessage(from: &reader) else { continue }
                drivers[to]!.receive(message, from: from, epoch: 1)
            }
        }
    }

    /// The newest term that any of them knows.
    var term: Term { drivers.values.map { $0.status.term }.max()! }

    /// Who leads, once somebody does.
    func leader() -> NodeID {
        while true {
            for (id, driver) in drivers {
                if case .leading = driver.status.leadership { return id }
            }
            usleep(1_000)
        }
    }

    func stop() {
        for driver in drivers.values { driver.stop() }
        monitor.lock()
        isClosed = true
        monitor.broadcast(monitor[0])
        monitor.unlock()
        for thread in threads { thread.join() }
    }
}
