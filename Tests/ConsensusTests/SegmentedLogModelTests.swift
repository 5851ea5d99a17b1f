import Glibc
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Consensus

/// A log beside what it should be: an array of entries, and how many of them no crash may take.
private struct ModelledLog {
    /// What a log can hold after work that was broken off: the same, or what the work was to make of it.
    struct Content {
        /// Entries up to here were given up for a snapshot from elsewhere.
        var base: LogIndex = 0
        /// Those from `base + 1` on, also the ones that compacting may have dropped since.
        var entries: [LogEntry] = []
        var snapshot: LogIndex = 0
        /// What is found holds at least so far.
        var durable: LogIndex = 0

        var last: LogIndex { base + UInt64(entries.count) }

        func term(of index: LogIndex) -> Term? {
            index > base && index <= last ? entries[Int(index - base) - 1].term : nil
        }
    }

    let seed: UInt64
    var random: SeededNumbers
    var files = MemoryFiles()
    var log: SegmentedLog
    var now = Content()
    /// Entries up to here are agreed on: they are durable and never cut.
    var agreed: LogIndex = 0
    var term: Term = 1
    /// What was done, for the message of a failure.
    var story: [String] = []

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededNumbers(seed: seed)
        log = try SegmentedLog.forTest(files)
    }

    var place: Comment { "seed \(seed): \(story.suffix(12).joined(separator: ", "))" }

    /// Does one thing at random; now and then some operation of the disk fails in the middle of it.
    mutating func step() throws {
        let kind = random.below(100)
        if kind >= 88 { return try open(from: [now]) }
        let counter = random.chance(20) ? Counter(stopAt: random.below(16)) : nil
        if let counter { files.setFailure { _, _ in counter.next() ? EIO : nil } }
        var goal = now
        do throws(LogFault) {
            switch kind {
            case ..<45: try append(&goal)
            case ..<70: try sync(&goal)
            case ..<80: agreed = max(agreed, log.durableIndex)
            case ..<86: try compact(&goal)
            default: try reset(&goal)
            }
        } catch {
            #expect(error.errno == EIO && counter?.hasStopped == true, place)
            story.append("failed")
            return try open(from: [now, goal])
        }
        files.setFailure(nil)
        now = goal
        now.durable = log.durableIndex
        try check([now])
    }

    private mutating func append(_ goal: inout Content) throws(LogFault) {
        let isCut = agreed < now.last && random.chance(40)
        var first = now.last + 1
        if isCut {
            // Where a segment begins is where a cut leaves none of its entries.
            let begins = log.table.withLock { $0.segments.map(\.first) }.filter { $0 > agreed }
            first -= UInt64(1 + random.below(Int(now.last - agreed)))
            if random.chance(50), let begin = begins.last { first = begin }
            term += 1
        }
        let sizes = [0, 40, 700, 3_000, 6_000, 11_000]
        let entries = (0..<UInt64(1 + random.below(6))).map { offset in
            let size = random.below(1 + random.pick(sizes))
            guard random.chance(5) else { return entry(first + offset, term: term, size: size) }
            let members = Membership(onlyVoter: NodeID(first + offset))
            return LogEntry(term: term, kind: .membership, payload: members.bytes)
        }
        story.append("append \(entries.count) at \(first) of \(now.last)")
        goal.entries = Array(goal.entries.prefix(Int(first - 1 - goal.base))) + entries
        // Of both: once it was begun, the old entries may be gone.
        now.durable = min(now.durable, first - 1)
        goal.durable = now.durable
        try log.append(entries, at: first)
    }

    private mutating func sync(_ goal: inout Content) throws(LogFault) {
        story.append("sync")
        goal.durable = goal.last
        #expect(try log.sync() == goal.last, place)
    }

    private mutating func compact(_ goal: inout Content) throws(LogFault) {
        guard agreed > now.snapshot, let term = now.term(of: agreed) else { return }
        let keeping = agreed + 1 - UInt64(random.below(min(4, Int(agreed))))
        story.append("compact to \(agreed), keeping \(keeping)")
        goal.snapshot = agreed
        try log.compact(to: marker(agreed, term), keeping: keeping)
    }

    private mutating func reset(_ goal: inout Content) throws(LogFault) {
        // From a leader whose entries are others: never of a term that the log has at that index.
        let index = agreed + 1 + UInt64(random.below(Int(now.last - agreed) + 3))
        term += 1
        story.append("reset to \(index) of \(now.last)")
        goal = Content(base: index, snapshot: index, durable: index)
        agreed = index
        try log.reset(to: marker(index, term))
    }

    private func marker(_ index: LogIndex, _ term: Term) -> SnapshotMarker {
        let members = Membership(onlyVoter: NodeID(1))
        let point = SnapshotPoint(
            index: index, term: term, membership: members, membershipIndex: index)
        return SnapshotMarker(point: point, application: [7])
    }

    /// Begins again: with all that the system knows, as after the end of a process, or after the power went.
    private mutating func open(from contents: [Content]) throws {
        files.setFailure(nil)
        if random.chance(60) {
            story.append("power lost")
            files = files.afterCrash(using: &random)
        } else {
            story.append("killed")
        }
        // What a segment has reserved need not be what the next one would.
        log = try SegmentedLog.forTest(files, segmentBytes: random.pick([5_000, 8_192, 20_000]))
        now = try check(contents)
        agreed = min(agreed, now.last)
        now.entries = Array(now.entries.prefix(Int(log.lastIndex - now.base)))
        now.durable = log.durableIndex
        #expect(log.durableIndex == log.lastIndex, place)
    }

    /// Looks whether the log is one of these, but for entries at the end that were not durable.
    @discardableResult
    private func check(_ contents: [Content]) throws -> Content {
        let (first, last) = (log.firstIndex, log.lastIndex)
        let found = try log.all()
        let content = contents.first { content in
            content.snapshot == log.snapshot?.point.index ?? 0 && last >= content.durable
                && last <= content.last && first > content.base && first <= content.snapshot + 1
                && found
                    == Array(
                        content.entries[Int(first - content.base - 1)..<Int(last - content.base)])
        }
        let names = log.table.withLock { $0.segments.map(\.name) }
        #expect(Set(names).count == names.count, place)
        let entries = zip(first..., found).filter { $1.kind == .membership }.map(\.0)
        #expect(log.memberships.map(\.index).filter { $0 >= first } == entries, place)
        for (index, entry) in zip(first..., found) {
            #expect(log.term(of: index) == entry.term, place)
        }
        return try #require(content, place)
    }
}

@Suite struct SegmentedLogModelTests {
    @Test func `whatever is appended, cut and dropped, a log is the array that it stands for`()
        throws
    {
        for seed in UInt64(1)...100 {
            var modelled = try ModelledLog(seed: seed)
            do {
                for _ in 0..<60 { try modelled.step() }
            } catch {
                Issue.record("\(modelled.place): \(error)")
                return
            }
        }
    }

    @Test
    func `a segment that a cut left empty grows for what is larger, and no other has its name`()
        throws
    {
        let files = MemoryFiles()
        var log = try SegmentedLog.forTest(files)
        try log.append(
            [entry(1, size: 1_000), entry(2, size: 6_000), entry(3, size: 6_000)], at: 1)
        #expect(try log.sync() == 3)
        // Opened again, a segment that is closed has the space of its records and no more.
        log = try SegmentedLog.forTest(files)
        #expect(log.table.withLock { $0.segments.map(\.first) } == [1, 2, 3])
        try log.append([entry(2, term: 2, size: 7_000), entry(3, term: 2, size: 20_000)], at: 2)
        #expect(try log.sync() == 3)
        let names = log.table.withLock { $0.segments.map(\.name) }
        #expect(Set(names).count == names.count)
        let expected = try log.all()
        let point = SnapshotPoint(
            index: 2, term: 2, membership: Membership(onlyVoter: NodeID(1)), membershipIndex: 1)
        // Drops what is before entry 3: a second row with the name of that entry's file would take it along.
        try log.compact(to: SnapshotMarker(point: point, application: [7]), keeping: 3)
        #expect(try log.all() == [expected[2]])
        log = try SegmentedLog.forTest(files)
        #expect(try log.all() == [expected[2]])
    }

    @Test func `a segment that a crash left empty grows for what is larger`() throws {
        let files = MemoryFiles()
        var log = try SegmentedLog.forTest(files)
        try log.append([entry(1, size: 6_000)], at: 1)
        files.setFailure { operation, name in
            operation == "write" && name == LogNames.segment(first: 2) ? EIO : nil
        }
        #expect(throws: LogFault.self) { try log.append([entry(2, size: 4_000)], at: 2) }
        files.setFailure(nil)
        log = try SegmentedLog.forTest(files)
        #expect(log.lastIndex == 1)
        try log.append([entry(2, size: 70_000), entry(3)], at: 2)
        #expect(try log.sync() == 3)
        let point = SnapshotPoint(
            index: 1, term: 1, membership: Membership(onlyVoter: NodeID(1)), membershipIndex: 1)
        try log.compact(to: SnapshotMarker(point: point, application: [7]), keeping: 2)
        log = try SegmentedLog.forTest(files)
        #expect(try log.all() == [entry(2, size: 70_000), entry(3)])
    }

    @Test func `power that goes in the middle of a cut takes no log for damaged, nor what stays`()
        throws
    {
        for seed in UInt64(1)...200 {
            var random = SeededNumbers(seed: seed)
            let files = MemoryFiles()
            var log = try SegmentedLog.forTest(files, segmentBytes: 1 << 16)
            // Each but the first says that the one before it was durable.
            for index in UInt64(1)...8 {
                try log.append([entry(index, size: 400)], at: index)
                _ = try log.sync()
            }
            let cut = UInt64(2 + random.below(7))
            let counter = Counter(stopAt: random.below(7))
            files.setFailure { _, _ in counter.next() ? EIO : nil }
            _ = try? log.append([entry(cut, term: 2, size: 400)], at: cut)
            // It may go again while the cut is carried to its end.
            let after = files.afterCrash(using: &random)
            let again = Counter(stopAt: random.below(14))
            after.setFailure { _, _ in again.next() ? EIO : nil }
            _ = try? SegmentedLog.forTest(after)
            log = try SegmentedLog.forTest(after.afterCrash(using: &random))
            let found = try log.all()
            let old = (1...UInt64(8)).map { entry($0, size: 400) }
            #expect(found.count >= Int(cut) - 1, "seed \(seed)")
            if found.last?.term == 2 {
                #expect(found == old.prefix(Int(cut) - 1) + [entry(cut, term: 2, size: 400)])
            } else {
                #expect(found == Array(old.prefix(found.count)), "seed \(seed)")
            }
        }
    }

    @Test func `what stands in the place of a cut's mark and is none is refused`() throws {
        let files = MemoryFiles()
        let log = try SegmentedLog.forTest(files)
        try log.append([entry(1)], at: 1)
        _ = try log.sync()
        files.damage(LogNames.segment(first: 1), at: CutMark.place + 9)
        #expect {
            try SegmentedLog.forTest(files)
        } throws: {
            ($0 as? LogFault)?.offset == CutMark.place
        }
    }
}
