import Consensus
import Execution
import Ledger

/// A log's folder of which one file has any bytes.
///
/// Every file carries checksums that no fuzzer would find: each is read as it is, and again with right ones.
enum LogSample {
    private static let owner = LogOwner(chain: LedgerSamples.genesis.hash, node: NodeID(1))
    private static let segment = LogNames.segment(first: 1)
    /// A segment's first page, and what of it is used; the rest is left out of what is fuzzed.
    private static let (page, used) = (4_096, 92)
    private static let names = [LogNames.hardState, LogNames.snapshot]

    private static func folder() throws(LogFault) -> (files: MemoryFiles, log: SegmentedLog) {
        let files = MemoryFiles()
        let log = try open(files)
        if log.hardState == nil { try log.save(HardState(term: 1, vote: nil)) }
        return (files, log)
    }

    private static func open(_ files: MemoryFiles) throws(LogFault) -> SegmentedLog {
        var options = SegmentedLog.Options()
        options.segmentBytes = page + 1024
        options.salt = { 7 }
        return try .open(files, owner: owner, options: options)
    }

    private static func put(
        _ bytes: [UInt8], as name: String, in files: MemoryFiles
    ) throws(LogFault) {
        let file = try files.create(name)
        var fault: LogFault?
        bytes.withUnsafeBytes { bytes in
            guard !bytes.isEmpty else { return }
            do throws(LogFault) { try file.write(bytes, at: 0) } catch { fault = error }
        }
        if let fault { throw fault }
        try file.sync()
    }

    private static func read(_ name: String, in files: MemoryFiles) throws(LogFault) -> [UInt8] {
        let file = try files.open(name)
        var bytes = [UInt8](repeating: 0, count: try file.size())
        var fault: LogFault?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(LogFault) { _ = try file.read(into: buffer, at: 0) } catch { fault = error }
        }
        if let fault { throw fault }
        return bytes
    }

    /// What a log has.
    private struct Contents: Equatable {
        let bounds: [LogIndex]
        let hardState: HardState?
        let snapshot: SnapshotMarker?
        let memberships: [LogIndex]
        var entries: [LogEntry] = []
    }

    private static func contents(_ log: SegmentedLog) throws(FuzzFinding) -> Contents {
        var contents = Contents(
            bounds: [log.firstIndex, log.lastIndex], hardState: log.hardState,
            snapshot: log.snapshot, memberships: log.memberships.map(\.index))
        var next = log.firstIndex
        while next <= log.lastIndex {
            do throws(LogFault) {
                let entries = try log.entries(
                    from: next, through: log.lastIndex, maximumBytes: 1 << 20)
                contents.entries += entries
                next += UInt64(entries.count)
            } catch {
                throw FuzzFinding("log: it was opened, and entry \(next) is refused: \(error)")
            }
        }
        return contents
    }

    /// Opens the folder twice: what it was found to be, it stays.
    private static func check(_ files: MemoryFiles) throws(FuzzFinding) {
        guard let log = try? open(files) else { return }
        let contents = try contents(log)
        log.release()
        guard let again = try? open(files) else {
            throw FuzzFinding("log: it was opened once and not again")
        }
        guard try self.contents(again) == contents else {
            throw FuzzFinding("log: it is another one when opened again")
        }
        let next = again.lastIndex + 1
        do throws(LogFault) {
            try again.append([LogEntry(term: 1 << 40, kind: .command, payload: [1])], at: next)
            _ = try again.sync()
        } catch {
            throw FuzzFinding("log: nothing can be added: \(error)")
        }
    }
}

// The last segment.
extension LogSample {
    static var segments: [[UInt8]] {
        do throws(LogFault) {
            let (files, log) = try folder()
            try log.append(
                (0..<4).map { LogEntry(term: 1, kind: .command, payload: [1, 2, $0]) }, at: 1)
            let members = Membership(onlyVoter: NodeID(1))
            try log.append(
                [LogEntry(term: 2, kind: .membership, payload: members.bytes)], at: 5)
            _ = try log.sync()
            let bytes = try read(segment, in: files)
            return [Array(bytes[..<used] + bytes[page...])]
        } catch {
            preconditionFailure("a new log of ours was refused: \(error)")
        }
    }

    static func checkSegment(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard bytes.count <= 1 << 16 else { return }
        var file = Array(bytes.prefix(used))
        if bytes.count > used {
            file += [UInt8](repeating: 0, count: page - used) + bytes[used...]
        }
        for file in [file, summed(file, inOrder: false), summed(file, inOrder: true)] {
            guard let (files, log) = try? folder(), (try? put(file, as: segment, in: files)) != nil
            else { return }
            log.release()
            try check(files)
        }
    }

    /// The segment as one of this log's, with right checksums, and with each record naming the one before it.
    ///
    /// - Source: `docs/formats/raft-log.md`.
    private static func summed(_ file: [UInt8], inOrder: Bool) -> [UInt8] {
        guard file.count >= page else { return file }
        var file = file
        func set(_ place: Int, _ value: UInt32) {
            for byte in 0..<4 {
                file[place + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(byte)))
            }
        }
        func word(_ place: Int) -> UInt32 {
            file[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        file.replaceSubrange(16..<48, with: owner.chain.bytes)
        set(used - 4, CRC32C.checksum(Array(file[..<(used - 4)])))
        let salt = CRC32C.checksum(Array(file[80..<88]))
        var (place, previous) = (page, word(72))
        while place + 48 <= file.count, word(place) == 0x4452_4543 {
            let length = Int(word(place + 4))
            if inOrder { set(place + 36, previous) }
            if length <= file.count - place - 48 {
                set(place + 40, CRC32C.checksum(Array(file[(place + 48)..<(place + 48 + length)])))
            }
            previous = CRC32C.checksum(Array(file[place..<place + 44]), seed: salt)
            set(place + 44, previous)
            place += (48 + length + 7) & ~7
        }
        return file
    }
}

// Term and vote, and a snapshot's marker.
extension LogSample {
    /// A folder of four entries with both.
    private static func marked() throws(LogFault) -> MemoryFiles {
        let (files, log) = try folder()
        try log.append(
            (1...4).map { LogEntry(term: 1, kind: .command, payload: [1, 2, $0]) }, at: 1)
        _ = try log.sync()
        try log.save(HardState(term: 3, vote: NodeID(2)))
        let point = SnapshotPoint(
            index: 2, term: 1, membership: Membership(onlyVoter: NodeID(1)), membershipIndex: 1)
        try log.compact(to: SnapshotMarker(point: point, application: [7, 8]), keeping: 1)
        log.release()
        return files
    }

    /// The files without their checksum, behind a byte that says which it is.
    static var marks: [[UInt8]] {
        do throws(LogFault) {
            let files = try marked()
            var found: [[UInt8]] = []
            for (kind, name) in names.enumerated() {
                found.append([UInt8(kind)] + (try read(name, in: files)).dropLast(4))
            }
            return found
        } catch {
            preconditionFailure("a new log of ours was refused: \(error)")
        }
    }

    static func checkMark(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard let kind = bytes.first else { return }
        var content = Array(bytes.dropFirst())
        if content.count >= 44 { content.replaceSubrange(12..<44, with: owner.chain.bytes) }
        var sum = ByteWriter()
        sum.write(CRC32C.checksum(content))
        for file in [content, content + sum.bytes] {
            let name = names[Int(kind) % names.count]
            guard let files = try? marked(), (try? put(file, as: name, in: files)) != nil else {
                return
            }
            try check(files)
        }
    }
}
