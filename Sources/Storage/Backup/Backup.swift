import Foundation
import Ledger

/// A whole backup, open for reading.
public final class Backup: Sendable {
    static let manifestName = "manifest"
    static let genesisName = "genesis.json"
    static let stateName = "state"
    private static let manifestBytesMax = 1 << 24

    /// The folder.
    public let path: String
    /// What it consists of.
    public let manifest: BackupManifest
    /// Its state.
    public let state: Checkpoint

    static func sectionName(_ index: Int) -> String {
        let digits = String(index)
        return "history-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// Whether a folder looks like a backup, rather than like a node's data.
    public static func isBackup(_ path: String) -> Bool {
        Files.exists(path + "/" + sectionName(0)) && Files.exists(path + "/" + manifestName)
    }

    /// Opens a backup; its files are not checked yet, see ``verify(progress:)``.
    ///
    /// - Throws: ``StoreFault/Kind/corrupt`` if it is no backup or its parts do not belong together;
    ///   ``StoreFault/Kind/outdated`` or ``StoreFault/Kind/unsupported`` if it has another format.
    public init(path: String) throws(StoreFault) {
        self.path = path
        let file = path + "/" + Self.manifestName
        let bytes = try Files.read(file, atMost: Self.manifestBytesMax)
        try Self.checkFormat(of: bytes, file)
        do throws(DecodingFault) {
            manifest = try BackupManifest(decoding: bytes)
        } catch {
            throw StoreFault(.corrupt, operation: "read", path: file, message: error.description)
        }
        state = try Checkpoint(path: path + "/" + Self.stateName)
        guard state.manifest.meta == manifest.meta, state.manifest.root == manifest.root else {
            throw StoreFault(
                .corrupt, operation: "read", path: path,
                message: "state and manifest belong to different backups")
        }
    }

    /// Refuses another format by its name, whatever else may be wrong: its checksum may be elsewhere.
    private static func checkFormat(of manifest: [UInt8], _ file: String) throws(StoreFault) {
        guard let format = BackupManifest.format(of: manifest), format != BackupManifest.format
        else { return }
        let isOlder = format < BackupManifest.format
        throw StoreFault(
            isOlder ? .outdated : .unsupported, operation: "read", path: file,
            message: "\(isOlder ? "an older" : "a newer") version of the program made this backup, "
                + "in format \(format); this one reads format \(BackupManifest.format)")
    }

    /// The genesis file.
    public func genesis() throws(StoreFault) -> [UInt8] {
        let file = path + "/" + Self.genesisName
        let bytes = try Files.read(file, atMost: 1 << 30)
        guard SHA256.hash(bytes) == manifest.genesisFile else {
            throw StoreFault(
                .corrupt, operation: "read", path: file, message: "it is not what was written")
        }
        return bytes
    }

    private var sectionPaths: [String] {
        manifest.sections.indices.map { path + "/" + Self.sectionName($0) }
    }

    /// The blocks in rising order.
    public var blocks: BackupBlocks { BackupBlocks(records) }

    /// The blocks that are kept beside the others; reads the whole history.
    public func kept() throws(StoreFault) -> [KeptBlock] {
        var records = records
        var kept: [KeptBlock] = []
        while let record = try records.next() {
            guard record.key.first == HistoryKey.kept, HistoryKey.isOfBlocks(record.key) else {
                continue
            }
            let height = record.key[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
            if record.key[9] == HistoryKey.Part.bytes.rawValue {
                kept.append(KeptBlock(height: height, bytes: record.value, certificate: nil))
            } else if let last = kept.popLast() {
                kept.append(
                    KeptBlock(height: last.height, bytes: last.bytes, certificate: record.value))
            }
        }
        return kept
    }

    /// The records of history as the store has them.
    var records: RecordReader { RecordReader(paths: sectionPaths) }

    // MARK: Verifying

    /// Reads everything and checks it against the checksums, that the blocks follow one another, and that
    /// the last one is the state's.
    ///
    /// That the state is what executing the blocks gives, only an audit shows.
    ///
    /// - Parameter progress: gets the bytes read so far and in all.
    /// - Throws: ``StoreFault`` that names the file.
    public func verify(
        progress: (_ done: UInt64, _ all: UInt64) -> Void = { _, _ in }
    ) throws(StoreFault) {
        _ = try genesis()
        let all =
            state.manifest.byteCount + 2 * manifest.sections.reduce(0) { $0 + $1.byteCount }
        var done: UInt64 = 0
        for index in state.manifest.chunks.indices {
            done += UInt64(try state.chunk(index).count)
            progress(done, all)
        }
        for (section, path) in zip(manifest.sections, sectionPaths) {
            try Self.check(section, path)
            done += section.byteCount
            progress(done, all)
        }
        try verifyChain { count in
            done += UInt64(count)
            progress(done, all)
        }
    }

    private static func check(
        _ section: BackupManifest.Section, _ path: String
    ) throws(StoreFault) {
        let file = try FileReader(path: path)
        var hash = SHA256()
        var position: UInt64 = 0
        while position < file.size {
            let count = min(1 << 20, file.size - position)
            hash.update(try file.read(Int(count), at: position))
            position += count
        }
        guard file.size == section.byteCount, hash.finalize() == section.hash else {
            throw StoreFault(
                .corrupt, operation: "read", path: path, message: "it is not what was written")
        }
    }

    private func verifyChain(_ progress: (Int) -> Void) throws(StoreFault) {
        func damaged(_ message: String) -> StoreFault {
            StoreFault(.corrupt, operation: "read the blocks of", path: path, message: message)
        }
        var blocks = blocks
        var next = manifest.first
        var parent: Hash32?
        while let block = try blocks.next() {
            guard block.height == next else {
                throw damaged("block \(next) is missing")
            }
            guard let stored = try? StoredBlock(decoding: block.bytes),
                stored.hash == block.hash, stored.header.height == next
            else { throw damaged("block \(next) is not the one that it is kept as") }
            guard parent == nil || parent == stored.header.parent else {
                throw damaged("block \(next) does not follow the one before")
            }
            parent = stored.hash
            next += 1
            progress(block.bytes.count)
        }
        guard next == manifest.meta.height + 1, parent == manifest.meta.headerHash else {
            throw damaged("the last block is not that of the state")
        }
    }
}

/// A block as an archive holds it.
public struct ArchivedBlock: Sendable {
    /// Its height.
    public var height: UInt64
    /// The hash of its header as the archive knows it.
    public var hash: Hash32?
    /// The stored block.
    public var bytes: [UInt8]
    /// Its certificate, nil if there is none.
    public var certificate: [UInt8]?

    /// Describes a block.
    public init(height: UInt64, hash: Hash32?, bytes: [UInt8], certificate: [UInt8]?) {
        self.height = height
        self.hash = hash
        self.bytes = bytes
        self.certificate = certificate
    }
}

/// The blocks of a backup, one after another; blocks that are kept for ever are passed over.
public struct BackupBlocks {
    private var records: RecordReader
    private var ahead: (key: [UInt8], value: [UInt8])?
    private var hasBegun = false

    init(_ records: RecordReader) { self.records = records }

    private mutating func begin() throws(StoreFault) {
        guard !hasBegun else { return }
        hasBegun = true
        ahead = try records.next()
    }

    /// Passes over the blocks below a height.
    /// - Throws: ``StoreFault``.
    public mutating func skip(below height: UInt64) throws(StoreFault) {
        try begin()
        while let record = ahead, let found = HistoryKey.blockHeight(record.key), found < height {
            ahead = try records.next()
        }
    }

    /// The next block, nil after the last one.
    /// - Throws: ``StoreFault``.
    public mutating func next() throws(StoreFault) -> ArchivedBlock? {
        try begin()
        guard let record = ahead, let height = HistoryKey.blockHeight(record.key) else {
            return nil
        }
        var block = ArchivedBlock(height: height, hash: nil, bytes: [], certificate: nil)
        while let record = ahead, HistoryKey.blockHeight(record.key) == height {
            switch HistoryKey.Part(rawValue: record.key[9]) {
            case .bytes: block.bytes = record.value
            case .hash: block.hash = Hash32(record.value)
            case .certificate: block.certificate = record.value
            default: break
            }
            ahead = try records.next()
        }
        return block
    }
}
