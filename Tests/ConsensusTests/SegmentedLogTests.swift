import Glibc
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Consensus

/// Entries for tests: each says its own index, at a length of its own.
func entry(_ index: LogIndex, term: Term = 1, size: Int = 40) -> LogEntry {
    LogEntry(
        term: term, kind: .command,
        payload: ByteWriter.number(index) + [UInt8](repeating: UInt8(index & 0xff), count: size))
}

extension SegmentedLog {
    static func forTest(
        _ files: any LogFiles, segmentBytes: Int = 8_192, owner: LogOwner = testOwner
    ) throws(LogFault) -> SegmentedLog {
        var options = Options()
        options.segmentBytes = segmentBytes
        options.salt = { 0x1234_5678_9abc_def0 }
        let log = try open(files, owner: owner, options: options)
        if log.hardState == nil { try log.save(HardState(term: 1, vote: nil)) }
        return log
    }

    /// Every entry there is.
    func all() throws -> [LogEntry] {
        var entries: [LogEntry] = []
        while firstIndex + UInt64(entries.count) <= lastIndex {
            entries += try self.entries(
                from: firstIndex + UInt64(entries.count), through: lastIndex, maximumBytes: 3_000)
        }
        return entries
    }
}

@Suite struct SegmentedLogTests {
    @Test func `entries of any size come back from many segments after opening again`() throws {
        let sizes = [0, 1, 7, 8, 4_000, 9_000, 70_000, 64 << 10, 100, 20_000]
        let entries = (1...60).map { entry(UInt64($0), size: sizes[$0 % sizes.count]) }
        let files = MemoryFiles()
        var log = try SegmentedLog.forTest(files)
        var next = 0
        for count in [1, 2, 30, 27] {
            try log.append(Array(entries[next..<(next + count)]), at: UInt64(next) + 1)
            next += count
        }
        #expect(try log.sync() == 60)
        #expect(try log.all() == entries)
        #expect(try files.names().count > 10)
        log = try SegmentedLog.forTest(files)
        #expect(try log.all() == entries)
        #expect(log.durableIndex == 60)
        #expect(try log.entries(from: 17, through: 17, maximumBytes: 1) == [entries[16]])
        #expect(throws: LogFault.self) { try log.entries(from: 61, through: 61, maximumBytes: 1) }
        try log.append([entry(61)], at: 61)
        #expect(try SegmentedLog.forTest(files).all() == entries + [entry(61)])
    }

    @Test func `a crash loses at most what was not synced, and only from the end`() throws {
        for seed in UInt64(1)...100 {
            var random = SeededNumbers(seed: seed)
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            var written: LogIndex = 0
            for _ in 0..<random.below(12) {
                let batch = (0..<UInt64(1 + random.below(6))).map {
                    entry(written + 1 + $0, size: random.below(random.chance(20) ? 6_000 : 700))
                }
                try log.append(batch, at: written + 1)
                written += UInt64(batch.count)
                if random.chance(30) { _ = try log.sync() }
            }
            let durable = log.durableIndex
            let before = try log.all()
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random))
            #expect(after.lastIndex >= durable, "seed \(seed)")
            #expect(try after.all() == Array(before.prefix(Int(after.lastIndex))), "seed \(seed)")
            // What is appended now must not meet what was left behind.
            try after.append([entry(after.lastIndex + 1, term: 2)], at: after.lastIndex + 1)
            #expect(after.term(of: after.lastIndex) == 2)
        }
    }

    @Test func `entries that were replaced never come back, not even those of the same size`()
        throws
    {
        for seed in UInt64(1)...100 {
            var random = SeededNumbers(seed: seed)
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            try log.append((1...90).map { entry($0) }, at: 1)
            _ = try log.sync()
            let cut = UInt64(2 + random.below(88))
            let newer = (cut..<(cut + UInt64(1 + random.below(4)))).map { entry($0, term: 2) }
            try log.append(newer, at: cut)
            #expect(log.lastIndex == cut + UInt64(newer.count) - 1)
            if random.chance(50) { _ = try log.sync() }
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random))
            let expected = (1..<cut).map { entry($0) } + newer
            let found = try after.all()
            #expect(found == Array(expected.prefix(found.count)), "seed \(seed)")
            #expect(found.count >= Int(cut) - 1, "seed \(seed)")
        }
    }

    @Test func `a changed byte in durable entries is refused with file and place`() throws {
        var random = SeededNumbers(seed: 7)
        var places: Set<Int> = []
        for _ in 0..<80 {
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            for index in UInt64(1)...60 {
                try log.append([entry(index, size: 200)], at: index)
                _ = try log.sync()
            }
            let names = try files.names().filter { $0.hasSuffix(".log") }.sorted()
            #expect(names.count >= 3)
            let position = random.below(names.count)
            let name = names[position]
            let firsts = (names + [""]).map { LogNames.firstIndex(of: $0) ?? 61 }
            let records = Int(firsts[position + 1] - firsts[position])
            // Somewhere in a record that is not the last of its file; those are told from torn ones below.
            let offset = SegmentHeader.size + random.below((records - 1) * 256)
            files.damage(name, at: offset)
            do {
                _ = try SegmentedLog.forTest(files)
                Issue.record("damage at \(offset) of \(name) was not noticed")
            } catch {
                guard case .corrupt = error.kind else {
                    Issue.record("\(error)")
                    return
                }
                #expect(error.file == name)
                #expect(error.offset ?? 0 <= offset && offset < (error.offset ?? 0) + 256)
                places.insert(error.offset ?? 0)
            }
        }
        #expect(places.count > 10)
    }

    @Test func `a changed byte in the very last entry is not taken for a torn write`() throws {
        let files = MemoryFiles()
        let log = try SegmentedLog.forTest(files)
        try log.append([entry(1, size: 900), entry(2, size: 900)], at: 1)
        _ = try log.sync()
        files.damage(LogNames.segment(first: 1), at: SegmentHeader.size + 956 + 500)
        #expect {
            try SegmentedLog.forTest(files)
        } throws: {
            ($0 as? LogFault)?.offset == SegmentHeader.size + 960
        }
    }

    @Test func `a sector that the disk lost is damage if a later entry says it was durable`() throws
    {
        let files = MemoryFiles()
        let log = try SegmentedLog.forTest(files, segmentBytes: 1 << 16)
        try log.append([entry(1, size: 3_000), entry(2, size: 3_000)], at: 1)
        _ = try log.sync()
        try log.append([entry(3)], at: 3)
        _ = try log.sync()
        // In the middle of entry 2; without entry 3 it would look like a torn tail.
        files.eraseSector(LogNames.segment(first: 1), (SegmentHeader.size + 3_056 + 1_024) / 512)
        #expect {
            try SegmentedLog.forTest(files, segmentBytes: 1 << 16)
        } throws: {
            ($0 as? LogFault)?.description.contains("though entry 3 after it is not") == true
        }
    }

    @Test func `a payload that looks like a record does not spoil the cutting of a torn tail`()
        throws
    {
        for seed in UInt64(1)...60 {
            var random = SeededNumbers(seed: seed)
            // A record as an attacker would forge it, without knowing the segment's salt.
            var forged = [UInt8](repeating: 0, count: RecordHeader.size)
            var header = RecordHeader(
                length: 0, index: 9, term: 1, durable: 1 << 60, kind: 1, previous: 0,
                payloadChecksum: 0)
            forged.withUnsafeMutableBytes { header.encode(into: $0, salt: 0) }
            let payload = Array((0..<60).map { _ in forged }.joined())
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            try log.append([entry(1)], at: 1)
            _ = try log.sync()
            try log.append([LogEntry(term: 1, kind: .command, payload: payload)], at: 2)
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random))
            #expect(after.lastIndex >= 1)
        }
    }

    @Test func `a missing, renamed or foreign segment is refused`() throws {
        func logFiles() throws -> (MemoryFiles, [String]) {
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            try log.append((1...60).map { entry($0, size: 300) }, at: 1)
            _ = try log.sync()
            return (files, try files.names().filter { $0.hasSuffix(".log") }.sorted())
        }
        for position in 0..<3 {
            let (files, names) = try logFiles()
            try files.remove(names[position])
            if position < names.count - 1 {
                #expect(throws: LogFault.self) { try SegmentedLog.forTest(files) }
            }
        }
        let (files, names) = try logFiles()
        try files.rename(names[1], to: names[0])
        #expect(throws: LogFault.self) { try SegmentedLog.forTest(files) }

        let (own, _) = try logFiles()
        for owner in [
            LogOwner(chain: Hash32(9, 9, 9, 9), node: testOwner.node),
            LogOwner(chain: testOwner.chain, node: NodeID(2)),
        ] {
            #expect {
                try SegmentedLog.forTest(own, owner: owner)
            } throws: { error in
                guard let fault = error as? LogFault, case .foreign = fault.kind else {
                    return false
                }
                return fault.description.contains("belongs to")
            }
        }
        try own.remove(LogNames.hardState)
        #expect(throws: LogFault.self) { try SegmentedLog.forTest(own) }
    }

    @Test func `a full disk is named, loses nothing, and the log goes on when there is space`()
        throws
    {
        let files = MemoryFiles()
        files.setCapacity(40_000)
        var log = try SegmentedLog.forTest(files)
        var last: LogIndex = 0
        #expect {
            while true {
                try log.append([entry(last + 1, size: 500)], at: last + 1)
                last = try log.sync()
            }
        } throws: { error in
            guard let fault = error as? LogFault else { return false }
            return fault.kind == .noSpace && fault.errno == ENOSPC
                && fault.description.contains("free space")
        }
        #expect(last > 20)
        // Started again while the disk is still full: readable, and the next segment fails again.
        log = try SegmentedLog.forTest(files)
        #expect(log.lastIndex == last)
        files.setCapacity(1 << 20)
        log = try SegmentedLog.forTest(files)
        #expect(try log.all() == (1...last).map { entry($0, size: 500) })
        try log.append([entry(last + 1)], at: last + 1)
        #expect(try log.sync() == last + 1)
    }

    @Test func `small entries find the space written to before, and large ones do without`() throws
    {
        let log = try SegmentedLog.forTest(MemoryFiles(), segmentBytes: 1 << 20)
        func append(size: Int) throws -> (end: Int, written: Int) {
            try log.append([entry(log.lastIndex + 1, size: size)], at: log.lastIndex + 1)
            let segment = try #require(log.table.withLock { $0.segments.last })
            return (segment.end, segment.written)
        }
        let first = try append(size: 300)
        #expect(first.written >= first.end + 100_000)
        #expect(first.written.isMultiple(of: 4_096))
        // Many come before the file system hears of another first write.
        var writes = Set([first.written])
        for _ in 0..<1_000 { writes.insert(try append(size: 300).written) }
        #expect(writes.count <= 5)
        let large = try append(size: 300_000)
        #expect(large.written == large.end)
        let behind = try append(size: 300)
        #expect(behind.written > behind.end)
        // What was cut off counts as unwritten again, and no more is written than was reserved.
        let index = log.lastIndex
        try log.append([entry(index, size: 20)], at: index)
        let segment = try #require(log.table.withLock { $0.segments.last })
        #expect(segment.written > segment.end)
        while log.table.withLock({ $0.segments.count }) == 1 {
            let (end, written) = try append(size: 1_000)
            #expect(end <= written && written <= 1 << 20)
        }
        #expect(try log.all().count == Int(log.lastIndex))
    }

    @Test func `whatever operation fails or is cut short, what was durable is there afterwards`()
        throws
    {
        // Each run stops the work at one more operation, then the power goes.
        for stop in 0..<400 {
            var random = SeededNumbers(seed: UInt64(stop))
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files)
            let counter = Counter(stopAt: stop)
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            var durable: LogIndex = 0
            var forgotten: LogIndex = 0
            do {
                for index in UInt64(1)...80 {
                    try log.append([entry(index, size: 300)], at: index)
                    if index % 3 == 0 { durable = try log.sync() }
                    if index % 20 == 0 {
                        _ = try log.sync()
                        durable = index
                        let point = SnapshotPoint(
                            index: index - 5, term: 1, membership: Membership(onlyVoter: NodeID(1)),
                            membershipIndex: 1)
                        try log.compact(
                            to: SnapshotMarker(point: point, application: [7]), keeping: index - 7)
                        forgotten = index - 5
                    }
                }
            } catch {
                #expect(error.errno == EIO)
            }
            let isDone = !counter.hasStopped
            log = try SegmentedLog.forTest(files.afterCrash(using: &random))
            #expect(log.lastIndex >= durable && log.firstIndex <= durable + 1, "stop \(stop)")
            #expect(log.snapshot?.point.index ?? 0 >= forgotten, "stop \(stop)")
            #expect(
                try log.all()
                    == (log.firstIndex..<(log.lastIndex + 1)).map { entry($0, size: 300) },
                "stop \(stop)")
            if isDone { break }
            #expect(stop < 399)
        }
    }

    @Test func `a snapshot from elsewhere replaces the log, also if the power goes in between`()
        throws
    {
        let point = SnapshotPoint(
            index: 100, term: 5, membership: Membership(onlyVoter: NodeID(1)), membershipIndex: 90)
        let marker = SnapshotMarker(point: point, application: Array("height 7".utf8))
        for stop in 0..<60 {
            var random = SeededNumbers(seed: UInt64(stop))
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files)
            try log.append((1...60).map { entry($0, size: 300) }, at: 1)
            _ = try log.sync()
            let counter = Counter(stopAt: stop)
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            let isDone = (try? log.reset(to: marker)) != nil
            log = try SegmentedLog.forTest(files.afterCrash(using: &random))
            if isDone || log.snapshot != nil {
                #expect(log.snapshot == marker)
                #expect(log.firstIndex == 101 && log.lastIndex == 100)
                #expect(log.term(of: 100) == 5)
                try log.append([entry(101, term: 6)], at: 101)
                #expect(try SegmentedLog.forTest(log.files).all() == [entry(101, term: 6)])
            } else {
                #expect(try log.all() == (1...60).map { entry($0, size: 300) })
            }
            if isDone { break }
            #expect(stop < 59)
        }
    }

    @Test func `a snapshot that contradicts a longer log replaces it, whenever the power goes`()
        throws
    {
        let marker = SnapshotMarker(
            point: SnapshotPoint(
                index: 5, term: 3, membership: Membership(onlyVoter: NodeID(1)),
                membershipIndex: 1), application: [7])
        var random = SeededNumbers(seed: 6)
        for stop in 0..<60 {
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files)
            try log.append((1...60).map { entry($0, size: 1_000) }, at: 1)
            _ = try log.sync()
            #expect(try files.names().count > 6)
            let counter = Counter(stopAt: stop)
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            let isDone = (try? log.reset(to: marker)) != nil
            // It may fail once more while that is carried to its end.
            let after = files.afterCrash(using: &random)
            let again = Counter(stopAt: random.below(30))
            after.setFailure { _, _ in again.next() ? EIO : nil }
            _ = try? SegmentedLog.forTest(after)
            log = try SegmentedLog.forTest(after.afterCrash(using: &random))
            if isDone || log.snapshot != nil {
                #expect(log.snapshot == marker && log.firstIndex == 6 && log.lastIndex == 5)
            } else {
                #expect(try log.all() == (1...60).map { entry($0, size: 1_000) })
            }
            if isDone { break }
            #expect(stop < 59)
        }
    }

    @Test func `what a failed sync left in the system's cache is written again, not believed`()
        throws
    {
        for seed in UInt64(1)...40 {
            var random = SeededNumbers(seed: seed)
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files)
            let count = UInt64(random.below(12))
            if count > 0 { try log.append((1...count).map { entry($0, size: 900) }, at: 1) }
            _ = try log.sync()
            let all = (1...(count + 5)).map { entry($0, size: random.below(2_000)) }
            try log.append(Array(all.suffix(5)), at: count + 1)
            files.setFailure { operation, _ in operation == "fdatasync" ? EIO : nil }
            #expect(throws: LogFault.self) { _ = try log.sync() }
            files.setFailure(nil)
            // The process that is started again finds all of it and tells the leader so.
            log = try SegmentedLog.forTest(files)
            let found = try log.all()
            #expect(log.durableIndex == log.lastIndex && found.last?.payload == all.last?.payload)
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random))
            #expect(try after.all() == found, "seed \(seed)")
        }
    }

    @Test func `term and vote are the old or the new ones after a crash, never others`() throws {
        for seed in UInt64(1)...50 {
            var random = SeededNumbers(seed: seed)
            let files = MemoryFiles()
            let log = try SegmentedLog.forTest(files)
            try log.save(HardState(term: 4, vote: NodeID(3)))
            let counter = Counter(stopAt: random.below(6))
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            let isSaved = (try? log.save(HardState(term: 5, vote: nil))) != nil
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random)).hardState
            let old = HardState(term: 4, vote: NodeID(3))
            #expect(after == HardState(term: 5, vote: nil) || (!isSaved && after == old))
        }
    }

    @Test func `what a process left and the next one reads stays, though the power goes then`()
        throws
    {
        let marker = SnapshotMarker(
            point: SnapshotPoint(
                index: 30, term: 1, membership: Membership(onlyVoter: NodeID(1)),
                membershipIndex: 1), application: [7])
        for stop in 0..<200 {
            var random = SeededNumbers(seed: UInt64(stop))
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files)
            let counter = Counter(stopAt: stop)
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            do {
                try log.append((1...40).map { entry($0, size: 300) }, at: 1)
                try log.save(HardState(term: 2, vote: NodeID(3)))
                try log.compact(to: marker, keeping: 28)
            } catch {
                #expect(error.errno == EIO)
            }
            // The process has ended, the machine has not: the next one finds whatever the system knows, and acts
            // by it: it counts entries as durable, and votes no second time.
            files.setFailure(nil)
            log = try SegmentedLog.forTest(files)
            let after = try SegmentedLog.forTest(files.afterCrash(using: &random))
            #expect(after.hardState == log.hardState, "stop \(stop)")
            #expect(after.snapshot == log.snapshot, "stop \(stop)")
            #expect(try after.all() == log.all(), "stop \(stop)")
            if !counter.hasStopped { break }
            #expect(stop < 199)
        }
    }

    @Test(arguments: [0, 1 << 63, .max] as [LogIndex])
    func `an index that no log has is refused, whatever its checksum`(index: LogIndex) throws {
        let members = Membership(onlyVoter: NodeID(1))
        let point = SnapshotPoint(index: index, term: 1, membership: members, membershipIndex: 0)
        let marker = SnapshotMarker(point: point, application: [])
        let segment = SegmentHeader(
            owner: testOwner, first: index, previousTerm: 1, previousChecksum: 0, salt: 7)
        let files = [
            (LogNames.snapshot, marker.sealed(for: testOwner)),
            (LogNames.segment(first: index), segment.bytes),
            (LogNames.hardState, HardState(term: index &- 1, vote: nil).sealed(for: testOwner)),
        ]
        for (name, bytes) in files {
            let folder = MemoryFiles()
            _ = try SegmentedLog.forTest(folder)
            try folder.replace(name, with: bytes)
            #expect(throws: LogFault.self, "\(name)") { try SegmentedLog.forTest(folder) }
        }
    }

    @Test(arguments: 1...7)
    func `a file that ends within a record's padding loses that record alone`(cut: Int) throws {
        let folder = TemporaryFolder()
        var log: SegmentedLog? = try SegmentedLog.forTest(try PosixFiles(folder.path))
        // 48 bytes of header, 9 of payload, 7 of padding.
        let entries = (1...3).map { entry(UInt64($0), size: 1) }
        try log?.append(entries, at: 1)
        #expect(try log?.sync() == 3)
        log = nil
        let path = folder.path + "/" + LogNames.segment(first: 1)
        #expect(truncate(path, off_t(SegmentHeader.size + 3 * 64 - cut)) == 0)
        let again = try SegmentedLog.forTest(try PosixFiles(folder.path))
        #expect(try again.all() == Array(entries.dropLast()))
    }

    @Test func `real files keep their entries, lose a torn tail and refuse damage`() throws {
        let folder = TemporaryFolder()
        var files: PosixFiles? = try PosixFiles(folder.path)
        var log: SegmentedLog? = try SegmentedLog.forTest(files!, segmentBytes: 1 << 16)
        let entries = (1...200).map { entry(UInt64($0), size: 1_000) }
        try log?.append(entries, at: 1)
        #expect(try log?.sync() == 200)
        let last = try #require(files?.names().filter { $0.hasSuffix(".log") }.max())
        let count = 200 - (LogNames.firstIndex(of: last)! - 1)
        log = nil
        files = nil

        // A torn tail: the last record's second half never made it.
        let path = folder.path + "/" + last
        let end = SegmentHeader.size + Int(count) * 1_056
        #expect(truncate(path, off_t(end - 500)) == 0)
        files = try PosixFiles(folder.path)
        log = try SegmentedLog.forTest(files!, segmentBytes: 1 << 16)
        #expect(try log?.all() == Array(entries.dropLast()))
        try log?.append([entries[199]], at: 200)
        #expect(try log?.sync() == 200)
        log = nil
        files = nil

        // Damage in the middle.
        let descriptor = open(path, O_RDWR)
        #expect(pwrite(descriptor, [0xff], 1, off_t(SegmentHeader.size + 300)) == 1)
        close(descriptor)
        files = try PosixFiles(folder.path)
        #expect {
            try SegmentedLog.forTest(files!, segmentBytes: 1 << 16)
        } throws: { error in
            let fault = error as? LogFault
            return fault?.file == path && fault?.offset == SegmentHeader.size
        }
    }

    @Test func `a second process is refused, and told who has the folder`() throws {
        let folder = TemporaryFolder()
        let files = try PosixFiles(folder.path)
        #expect {
            try PosixFiles(folder.path)
        } throws: { error in
            guard let fault = error as? LogFault else { return false }
            return fault.kind == .locked(byProcess: getpid())
                && fault.description.contains("process \(getpid())")
        }
        files.release()
        _ = try PosixFiles(folder.path)
    }
}

/// Counts operations and says at which to stop; from there on everything fails.
final class Counter: @unchecked Sendable {
    private var left: Int
    private(set) var hasStopped = false

    init(stopAt: Int) { left = stopAt }

    func next() -> Bool {
        left -= 1
        if left < 0 { hasStopped = true }
        return hasStopped
    }
}
