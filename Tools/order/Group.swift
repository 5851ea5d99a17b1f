import ArgumentParser
import Consensus
import Glibc
import Ledger
import Synchronization

/// Banks in one process, whose messages go through memory.
final class Group {
    private let wires = Wires()
    private var banks: [(driver: Driver, counter: Counter, folder: String)] = []

    init(banks count: Int, folder: String) throws {
        let founders = Membership((1...count).map { .init(id: NodeID(UInt64($0))) })
        for number in 1...count {
            let id = NodeID(UInt64(number))
            let path = "\(folder)/bank\(number)"
            let options = Driver.Options(
                owner: LogOwner(chain: Hash32(1, 2, 3, 4), node: id), founders: founders)
            let driver = try Driver(
                folder: path, options: options, outbox: Wire(from: id, wires: wires))
            banks.append((driver, Counter(), path))
            wires.connect(driver, as: id)
        }
        for bank in banks { try bank.driver.start(bank.counter) }
    }

    /// The driver of the bank that leads, once there is one.
    private func leader() -> (driver: Driver, counter: Counter) {
        while true {
            for bank in banks {
                if case .leading = bank.driver.status.leadership {
                    return (bank.driver, bank.counter)
                }
            }
            usleep(10_000)
        }
    }

    /// Orders entries for a while, so many at a time.
    func measure(
        size: Int, depth: Int, seconds: Double
    ) throws -> (perSecond: Double, medianMilliseconds: Double) {
        let (driver, counter) = leader()
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let start = secondsNow()
        var submitted: [Double] = []
        while secondsNow() < start + seconds {
            counter.wait(for: submitted.count - depth + 1)
            guard case .accepted = driver.submit(payload) else {
                throw ValidationError("the leader was lost: the machine is too busy")
            }
            submitted.append(secondsNow())
        }
        counter.wait(for: submitted.count)
        let delivered = counter.times
        let delays = zip(submitted, delivered).map { $1 - $0 }.sorted()
        let spent = (delivered.last ?? start) - start
        return (
            perSecond: (Double(submitted.count) / spent * 10).rounded() / 10,
            medianMilliseconds: (delays[delays.count / 2] * 100_000).rounded() / 100
        )
    }

    /// Stops all and removes what they wrote.
    func stop() {
        for bank in banks { bank.driver.stop() }
        wires.stop()
        for bank in banks {
            for name in (try? PosixFiles(bank.folder).names()) ?? [] {
                unlink(bank.folder + "/" + name)
            }
            rmdir(bank.folder)
        }
    }
}

/// An application that notes when entries come.
final class Counter: CommitConsumer {
    private let arrivals = Mutex<[Double]>([])

    var times: [Double] { arrivals.withLock { $0 } }

    /// Waits until so many entries have come.
    func wait(for count: Int) {
        // Shorter than a sync takes, so that the wait is not what is measured.
        while arrivals.withLock({ $0.count }) < count { usleep(20) }
    }

    func committed(_ entry: CommittedEntry) {
        let now = secondsNow()
        arrivals.withLock { $0.append(now) }
    }
    func leadershipChanged(_ leadership: Leadership) {}
    func restore(_ marker: SnapshotMarker) -> Bool { true }
    func stopped(_ fault: ConsensusFault) { print(fault) }
}
