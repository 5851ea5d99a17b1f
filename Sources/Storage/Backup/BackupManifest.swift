import Ledger

/// What a backup consists of, and what it stands for.
public struct BackupManifest: Equatable, Sendable {
    /// A file of records of history.
    public struct Section: Equatable, Sendable {
        /// How many bytes it has.
        public let byteCount: UInt64
        /// The SHA-256 of all of them.
        public let hash: Hash32
    }

    /// Of which ledger it is.
    public let identity: StoreIdentity
    /// The number of the node that it was made of.
    public let nodeID: UInt64
    /// The term of consensus at that time: the node may have voted in it, so a restored one must not.
    public let term: UInt64
    /// When it was made, milliseconds since 1970, for people.
    public let timeMillis: UInt64
    /// The block whose state it holds, which is also the last block of its history.
    public let meta: StateMeta
    /// The first block of its history.
    public let first: UInt64
    /// The root of its state.
    public let root: Hash32
    /// The root of an older checkpoint that a block after ``meta`` will certify, if one is to come: nobody can
    /// work it out of this state.
    public let pending: CheckpointRoot?
    /// The SHA-256 of its genesis file.
    public let genesisFile: Hash32
    /// The files of its history, in order.
    public let sections: [Section]
}

extension BackupManifest {
    package static let magic: UInt64 = 0x4449_504e_4241_4b32  // "DIPNBAK2"
    /// What the files of all formats begin with, before the format's digit.
    private static let name = Array("DIPNBAK".utf8)

    /// The format of a file, by its first bytes; nil if they are of no such file.
    static func format(of bytes: [UInt8]) -> UInt8? {
        guard bytes.starts(with: name), bytes.count > name.count else { return nil }
        let digit = bytes[name.count]
        return (0x31...0x39).contains(digit) ? digit - 0x30 : nil
    }

    /// The one format that this program writes and reads.
    static let format: UInt8 = 2

    /// The file, its checksum included.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 340 + sections.count * 40)
        writer.write(Self.magic)
        writer.write(identity.chainID)
        writer.write(identity.genesisHash)
        writer.write(nodeID)
        writer.write(term)
        writer.write(timeMillis)
        writer.write(raw: meta.bytes)
        writer.write(first)
        writer.write(root)
        writer.write(genesisFile)
        writer.write(pending?.height ?? 0)
        writer.write(pending?.root ?? .zero)
        writer.write(UInt32(sections.count))
        for section in sections {
            writer.write(section.byteCount)
            writer.write(section.hash)
        }
        writer.write(SHA256.hash(writer.bytes))
        return writer.bytes
    }

    /// Reads the file.
    /// - Throws: ``DecodingFault`` for any file that was not written like that.
    package init(decoding bytes: [UInt8]) throws(DecodingFault) {
        guard bytes.count >= 32, SHA256.hash(bytes.dropLast(32)) == Hash32(bytes.suffix(32)) else {
            throw DecodingFault("the checksum is wrong")
        }
        var reader = ByteReader(bytes.dropLast(32))
        guard try reader.read(UInt64.self) == Self.magic else {
            throw DecodingFault("no manifest of a backup in a format that is known")
        }
        identity = StoreIdentity(
            chainID: try reader.read(), genesisHash: try reader.readHash())
        nodeID = try reader.read()
        term = try reader.read()
        timeMillis = try reader.read()
        meta = try StateMeta(decoding: Array(try reader.readRaw(72)))
        first = try reader.read()
        root = try reader.readHash()
        genesisFile = try reader.readHash()
        let pending = CheckpointRoot(height: try reader.read(), root: try reader.readHash())
        let isNone = pending == CheckpointRoot(height: 0, root: .zero)
        guard isNone || 0 < pending.height && pending.height < meta.height else {
            throw DecodingFault("a root that is to come is not of an older checkpoint")
        }
        self.pending = isNone ? nil : pending
        let count = Int(try reader.read(UInt32.self))
        guard count <= reader.remaining / 40 else { throw DecodingFault("too many sections") }
        var sections: [Section] = []
        sections.reserveCapacity(count)
        for _ in 0..<count {
            let section = Section(byteCount: try reader.read(), hash: try reader.readHash())
            // The checksum keeps out damage and nobody's hand: no sum of these may be beyond a number.
            guard section.byteCount < 1 << 40 else {
                throw DecodingFault("a section of \(section.byteCount) bytes")
            }
            sections.append(section)
        }
        self.sections = sections
        try reader.finish()
        guard first <= meta.height else { throw DecodingFault("it begins above its end") }
        guard meta.height < HistoryKey.heightLimit else {
            throw DecodingFault("no ledger has block \(meta.height)")
        }
    }
}
