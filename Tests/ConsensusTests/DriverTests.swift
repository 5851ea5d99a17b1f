import Glibc
import Ledger
import TestSupport
import Testing
import Threads

@testable import Consensus

@Suite struct DriverTests {
    @Test func `an entry submitted on a lone node is committed, and replayed after a restart`()
        throws
    {
        let folder = TemporaryFolder()
        let driver = try Driver(folder: folder.path, options: .alone())
        let collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        for number in 0..<300 {
            let payload = [UInt8](repeating: UInt8(number & 0xff), count: number * 7)
            #expect(driver.submit(payload) == .accepted(index: UInt64(number) + 2, term: 2))
        }
        let expected = collector.waitForEntries(300)
        #expect(expected.map(\.payload.count) == (0..<300).map { $0 * 7 })
        driver.stop()

        let again = try Driver(folder: folder.path, options: .alone(applied: 101))
        let second = Collector()
        try again.start(second)
        second.waitForLeading()
        #expect(second.now.entries.map(\.payload) == expected.dropFirst(100).map(\.payload))
        #expect(second.now.entries.map(\.index) == expected.dropFirst(100).map(\.index))
        // The entry after the last one, in a term of its own.
        #expect(again.submit([1]) == .accepted(index: 302, term: 3))
        #expect(second.waitForEntries(201).last?.payload == [1])
        again.stop()
    }

    @Test
    func `a lone node leads when it has started, with everything delivered before it is told`()
        throws
    {
        let files = MemoryFiles()
        for start in UInt64(0)..<4 {
            let driver = try Driver(files: files, options: .alone())
            let collector = Collector()
            try driver.start(collector)
            #expect(driver.status.leadership == .leading(start + 2))
            collector.waitForLeading()
            #expect(collector.now.entries.count == Int(start))
            #expect(collector.now.leaderships == [.leading(start + 2)])
            _ = driver.submit([UInt8(start)])
            _ = collector.waitForEntries(Int(start) + 1)
            driver.stop()
        }
    }

    @Test func `entries of many threads come out once each and in the order of their indexes`()
        throws
    {
        let driver = try Driver(files: MemoryFiles(), options: .alone(segmentBytes: 1 << 20))
        let collector = Collector()
        try driver.start(collector)
        let threads = (0..<4).map { thread in
            SystemThread(named: "submit") {
                for number in 0..<250 {
                    _ = driver.submit(ByteWriter.number(UInt64(thread * 1_000 + number)))
                }
            }
        }
        for thread in threads { thread.join() }
        let entries = collector.waitForEntries(1_000)
        #expect(entries.map(\.index) == Array(2...1_001))
        #expect(Set(entries.map(\.payload)).count == 1_000)
        let own = (0..<4).map { thread in
            entries.map { $0.payload[6...7].reduce(0) { $0 * 256 + Int($1) } }
                .filter { $0 / 1_000 == thread }
        }
        #expect(own.allSatisfy { $0 == $0.sorted() })
        driver.stop()
    }

    @Test func `the log forgets what a snapshot stands for, and goes on from there`() throws {
        let files = MemoryFiles()
        var driver = try Driver(files: files, options: .alone(segmentBytes: 16_384))
        var collector = Collector()
        try driver.start(collector)
        for number in 0..<100 { _ = driver.submit([UInt8](repeating: UInt8(number), count: 900)) }
        _ = collector.waitForEntries(100)
        let before = try files.names().count
        driver.snapshot(at: 90, application: Array("height 90".utf8))
        driver.snapshot(at: 50, application: Array("older: ignored".utf8))
        _ = driver.submit([1])
        _ = collector.waitForEntries(101)
        driver.stop()
        #expect(try files.names().count < before)
        #expect(throws: LogFault.self) { try driver.committedEntries(from: 3).count }
        #expect(try driver.committedEntries(from: 102).map(\.payload) == [[1]])

        driver = try Driver(files: files, options: .alone(applied: 95))
        collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        #expect(collector.now.entries.map(\.index) == Array(96...102))
        #expect(collector.now.restored == [])
        driver.stop()

        // An application that has less than the log can give back must fetch the snapshot's state.
        driver = try Driver(files: files, options: .alone(applied: 10))
        collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        #expect(collector.now.restored.map(\.application) == [Array("height 90".utf8)])
        #expect(collector.now.entries.map(\.index) == Array(91...102))
        driver.stop()
    }

    @Test func `whoever stops it, nobody goes on before all its threads have ended`() throws {
        let consumer = SlowConsumer()
        let driver = try Driver(files: MemoryFiles(), options: .alone())
        try driver.start(consumer)
        _ = driver.submit([1])
        consumer.waitUntilBusy()
        let first = SystemThread(named: "first") { driver.stop() }
        while driver.submit([2]) != .stopped { usleep(1_000) }
        let opener = SystemThread(named: "opener") {
            // Time for the second one to go on where it must not: it never makes the test fail.
            usleep(50_000)
            consumer.goOn()
        }
        driver.stop()
        #expect(consumer.hasGoneOn)
        first.join()
        opener.join()
    }

    @Test func `a full disk stops the node, which loses nothing and resumes with space`() throws {
        let files = MemoryFiles()
        files.setCapacity(60_000)
        var driver = try Driver(files: files, options: .alone(segmentBytes: 16_384))
        var collector = Collector()
        try driver.start(collector)
        var accepted = 0
        while case .accepted = driver.submit([UInt8](repeating: 1, count: 1_000)) { accepted += 1 }
        guard case .log(let fault) = collector.waitForFault() else {
            Issue.record("another fault")
            return
        }
        #expect(fault.kind == .noSpace)
        #expect(driver.submit([2]) == .stopped)
        driver.stop()
        let delivered = collector.now.entries
        #expect(delivered.count < accepted)

        files.setCapacity(1 << 20)
        driver = try Driver(files: files, options: .alone())
        collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        #expect(
            Array(collector.now.entries.map(\.payload).prefix(delivered.count))
                == delivered.map(\.payload))
        let replayed = collector.now.entries.count
        _ = driver.submit([3])
        #expect(collector.waitForEntries(replayed + 1).last?.payload == [3])
        driver.stop()
    }

    @Test(arguments: ["write", "fdatasync"])
    func `after a disk error nothing is delivered any more`(operation: String) throws {
        let files = MemoryFiles()
        let driver = try Driver(files: files, options: .alone())
        let collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        _ = driver.submit([1])
        _ = collector.waitForEntries(1)
        files.setFailure { tried, file in
            tried == operation && file.hasSuffix(".log") ? EIO : nil
        }
        _ = driver.submit([2])
        guard case .log(let fault) = collector.waitForFault() else {
            Issue.record("another fault")
            return
        }
        #expect(fault.kind == .inputOutput && fault.operation == operation)
        #expect(driver.submit([3]) == .stopped)
        #expect(collector.now.entries.map(\.payload) == [[1]])
        driver.stop()
    }

    @Test func `what was delivered survives a power cut at any moment after`() throws {
        /// Cuts the power, in a copy, whenever it is given an entry.
        final class Cutter: CommitConsumer, @unchecked Sendable {
            let files: MemoryFiles
            let collector = Collector()
            var random = SeededNumbers(seed: 3)
            var lost: [LogIndex] = []
            init(_ files: MemoryFiles) { self.files = files }
            func committed(_ entry: CommittedEntry) {
                let after = try? SegmentedLog.forTest(files.afterCrash(using: &random))
                let index = entry.index
                let found = try? after?.entries(from: index, through: index, maximumBytes: 1)
                if found?.first?.payload != entry.payload { lost.append(index) }
                collector.committed(entry)
            }
            func leadershipChanged(_ leadership: Leadership) {}
            func restore(_ marker: SnapshotMarker) -> Bool { true }
            func stopped(_ fault: ConsensusFault) {}
        }
        let files = MemoryFiles()
        let driver = try Driver(files: files, options: .alone(segmentBytes: 16_384))
        let cutter = Cutter(files)
        try driver.start(cutter)
        for number in UInt64(0)..<150 {
            _ = driver.submit(ByteWriter.number(number) + [UInt8](repeating: 1, count: 700))
        }
        _ = cutter.collector.waitForEntries(150)
        driver.stop()
        #expect(cutter.lost == [])
    }

    @Test func `a store that is ahead of its log is refused`() throws {
        #expect(throws: ConsensusFault.appliedBeyondLog(applied: 9, last: 0)) {
            try Driver(files: MemoryFiles(), options: .alone(applied: 9))
        }
        let files = MemoryFiles()
        var options = Driver.Options.alone(applied: 2)
        #expect(throws: ConsensusFault.appliedBeyondLog(applied: 2, last: 0)) {
            try Driver(files: files, options: options)
        }
        // Nothing was begun.
        #expect(try files.names() == [])
        options.applied = 0
        _ = try Driver(files: files, options: options)
        options.applied = 1
        _ = try Driver(files: files, options: options)
    }

    @Test func `a node that stops may be stopped again, also from within`() throws {
        final class Quitter: CommitConsumer, @unchecked Sendable {
            var driver: Driver?
            let collector = Collector()
            func committed(_ entry: CommittedEntry) {
                driver?.stop()
                collector.committed(entry)
            }
            func leadershipChanged(_ leadership: Leadership) {}
            func restore(_ marker: SnapshotMarker) -> Bool { true }
            func stopped(_ fault: ConsensusFault) { collector.stopped(fault) }
        }
        let driver = try Driver(files: MemoryFiles(), options: .alone())
        let quitter = Quitter()
        quitter.driver = driver
        try driver.start(quitter)
        _ = driver.submit([1])
        #expect(quitter.collector.waitForEntries(1).count == 1)
        #expect(driver.submit([2]) == .stopped)
        driver.stop()
        driver.stop()
    }

    @Test func `a core that does not hear of the time is noticed, and one that has stopped is not`()
        throws
    {
        let driver = try Driver(files: MemoryFiles(), options: .alone())
        #expect(driver.isOnTime)
        // Nothing has started the thread that would tell it.
        driver.state.coreDeadline = monotonicMillis() - 10_000
        #expect(!driver.isOnTime)
        driver.stop()
        #expect(driver.isOnTime)
    }
}

/// Takes its first entry when it is told to.
private final class SlowConsumer: CommitConsumer, @unchecked Sendable {
    // `@unchecked`: what changes is behind the lock.
    private let monitor = Monitor(conditions: 1)
    private var isBusy = false
    private var mayGoOn = false

    var hasGoneOn: Bool {
        monitor.lock()
        defer { monitor.unlock() }
        return mayGoOn
    }

    func waitUntilBusy() { wait { isBusy } }
    func goOn() { set { mayGoOn = true } }

    func committed(_ entry: CommittedEntry) {
        set { isBusy = true }
        wait { mayGoOn }
    }
    func leadershipChanged(_ leadership: Leadership) {}
    func restore(_ marker: SnapshotMarker) -> Bool { true }
    func stopped(_ fault: ConsensusFault) {}

    private func set(_ change: () -> Void) {
        monitor.lock()
        change()
        monitor.broadcast(monitor[0])
        monitor.unlock()
    }

    private func wait(_ isSo: () -> Bool) {
        monitor.lock()
        while !isSo() { monitor.wait(for: monitor[0]) }
        monitor.unlock()
    }
}
