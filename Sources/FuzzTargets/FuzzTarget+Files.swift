import Consensus
import Execution
import Ledger
import Storage
import Wallet

extension FuzzTarget {
    /// Files that an operator or a stranger puts before a program.
    static let files: [FuzzTarget] = [
        FuzzTarget("log", seeds: { [LogSample.bytes] }) { LogSample.open($0) },
        .canonical("checkpoint", seeds: { [[1] + [UInt8](repeating: 0, count: 13)] }) {
            let outline = try CheckpointOutline(decoding: $0)
            try? outline.check(against: .zero)
            return outline.bytes
        },
        FuzzTarget("manifest", seeds: { ManifestSample.seeds }) { (bytes) throws(FuzzFinding) in
            try ManifestSample.check(bytes)
        },
        FuzzTarget("chunk", seeds: { [ChunkSample.bytes] }) { (bytes) throws(FuzzFinding) in
            try ChunkSample.check(bytes)
        },
        FuzzTarget(
            "keystore", seeds: { [Array(#"{"version":3,"crypto":{"cipher":"aes-128-ctr"}}"#.utf8)] }
        ) {
            bytes in
            _ = try? KeystoreFile(parsing: bytes, file: "fuzz")
        },
    ]
}

/// The last segment of a log, beside a term and a vote that are as they were written.
private enum LogSample {
    static let owner = LogOwner(chain: LedgerSamples.genesis.hash, node: NodeID(1))
    static let segment = LogNames.segment(first: 1)

    static func folder() throws(LogFault) -> (files: MemoryFiles, log: SegmentedLog) {
        let files = MemoryFiles()
        var options = SegmentedLog.Options()
        options.segmentBytes = 1024
        options.salt = { 7 }
        let log = try SegmentedLog.open(files, owner: owner, options: options)
        if log.hardState == nil { try log.save(HardState(term: 1, vote: nil)) }
        return (files, log)
    }

    static var bytes: [UInt8] {
        do throws(LogFault) {
            let (files, log) = try folder()
            try log.append(
                (0..<4).map { LogEntry(term: 1, kind: .command, payload: [1, 2, $0]) }, at: 1)
            _ = try log.sync()
            let file = try files.open(segment)
            return try read(file)
        } catch {
            preconditionFailure("a new log of ours was refused: \(error)")
        }
    }

    static func open(_ bytes: [UInt8]) {
        guard bytes.count <= 1 << 16, let (files, _) = try? folder(),
            let file = try? files.create(segment)
        else { return }
        try? bytes.withUnsafeBytes { bytes throws(LogFault) in
            if !bytes.isEmpty { try file.write(bytes, at: 0) }
            try file.sync()
        }
        guard let log = try? SegmentedLog.open(files, owner: owner) else { return }
        _ = try? log.entries(from: log.firstIndex, through: log.lastIndex, maximumBytes: 1 << 20)
    }

    private static func read(_ file: any LogFile) throws(LogFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try file.size())
        var fault: LogFault?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(LogFault) { _ = try file.read(into: buffer, at: 0) } catch { fault = error }
        }
        if let fault { throw fault }
        return bytes
    }
}

/// Files that end with their own checksum, which no fuzzer would find: it is put there.
private enum ManifestSample {
    static let seeds: [[UInt8]] = (0..<3 as Range<UInt8>).map { kind in
        let magic: UInt64 = [BackupManifest.magic, CheckpointManifest.magic, Plan.magic][Int(kind)]
        return [kind] + (0..<8).map { UInt8(truncatingIfNeeded: magic >> (56 - 8 * $0)) }
            + [UInt8](repeating: 0, count: 300)
    }

    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard let kind = bytes.first else { return }
        let content = Array(bytes.dropFirst())
        let file = content + SHA256.hash(content).bytes
        let again: [UInt8]? =
            switch kind % 3 {
            case 0: (try? BackupManifest(decoding: file))?.bytes
            case 1: (try? CheckpointManifest(decoding: file))?.bytes
            default: (try? Plan(decoding: file))?.bytes
            }
        guard again == nil || again == file else {
            throw FuzzFinding("manifest: a file of kind \(kind % 3) is written otherwise")
        }
    }
}

/// A piece of a checkpoint as a peer sends it.
private enum ChunkSample {
    static let bytes: [UInt8] = [7] + entry([0x10, 1], [2, 3]) + entry([0x20], [])

    private static func entry(_ key: [UInt8], _ value: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(4 + key.count + value.count))
        writer.write(counted: key)
        writer.write(raw: value)
        return writer.bytes
    }

    /// The first byte says in what pieces the others come; it must not matter.
    static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
        guard let first = bytes.first else { return }
        let chunk = bytes.dropFirst()
        guard root(chunk, by: chunk.count + 1) == root(chunk, by: Int(first % 16) + 1) else {
            throw FuzzFinding("chunk: in pieces it is another one")
        }
    }

    private static func root(_ chunk: ArraySlice<UInt8>, by size: Int) -> Hash32? {
        var hasher = ChunkHasher()
        var rest = chunk
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(piece.count)
            let isTaken = piece.withUnsafeBytes { (try? hasher.absorb($0)) != nil }
            guard isTaken else { return nil }
        }
        return try? hasher.finish()
    }
}
