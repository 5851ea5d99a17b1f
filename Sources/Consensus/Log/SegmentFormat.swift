import Ledger

// The bytes of a segment; `docs/formats/raft-log.md` has the table. All integers are big-endian.

/// Whose log it is: every file of the log carries both.
public struct LogOwner: Equatable, Sendable {
    /// The ledger: its genesis hash, say.
    public let chain: Hash32
    /// The node.
    public let node: NodeID

    /// Names a ledger and a node.
    public init(chain: Hash32, node: NodeID) {
        self.chain = chain
        self.node = node
    }
}

/// The first page of a segment.
struct SegmentHeader: Equatable {
    /// Records begin on a page of their own.
    static let size = 4_096
    static let used = 92
    static let magic: UInt64 = 0x4449_504e_4c4f_4731  // "DIPNLOG1"
    static let version: UInt32 = 1

    var owner: LogOwner
    /// The index of the segment's first record.
    var first: LogIndex
    /// The term of the entry before it; 0 if there is none.
    var previousTerm: Term
    /// The checksum of the record before it; 0 if that is not in the log.
    var previousChecksum: UInt32
    /// Random; without it a payload could be made to look like a record.
    var salt: UInt64

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.write(Self.magic)
        writer.write(Self.version)
        writer.write(UInt32(Self.size))
        writer.write(owner.chain)
        writer.write(owner.node.rawValue)
        writer.write(first)
        writer.write(previousTerm)
        writer.write(previousChecksum)
        writer.write(UInt32(0))
        writer.write(salt)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes + [UInt8](repeating: 0, count: Self.size - writer.bytes.count)
    }

    /// Reads a segment's first page and checks that it is one of this log's.
    init(_ bytes: [UInt8], owner: LogOwner, file: String) throws(LogFault) {
        let content = try LogEnvelope.open(
            bytes, magic: Self.magic, length: Self.used, version: Self.version, owner: owner,
            skipping: 4, file: file)
        var reader = ByteReader(content)
        do {
            self.owner = owner
            first = try reader.read()
            previousTerm = try reader.read()
            previousChecksum = try reader.read()
            _ = try reader.readRaw(4)
            salt = try reader.read()
        } catch {
            throw LogFault(.corrupt(error.reason), file: file, operation: "open")
        }
    }

    init(
        owner: LogOwner, first: LogIndex, previousTerm: Term, previousChecksum: UInt32, salt: UInt64
    ) {
        self.owner = owner
        self.first = first
        self.previousTerm = previousTerm
        self.previousChecksum = previousChecksum
        self.salt = salt
    }
}

/// What stands before each payload.
struct RecordHeader: Equatable {
    static let size = 48
    static let magic: UInt32 = 0x4452_4543  // "DREC"
    /// Longer payloads are neither written nor believed.
    static let payloadLimit = 1 << 30

    var length: UInt32
    var index: LogIndex
    var term: Term
    /// Entries up to here were durable when this record was written; it tells a torn tail, which lost
    /// only newer records, from damage.
    var durable: LogIndex
    var kind: UInt8
    /// The checksum of the record before this one.
    var previous: UInt32
    var payloadChecksum: UInt32
    /// Over the salt and all of the above; stands for the whole record.
    var checksum: UInt32 = 0

    /// The record's size with its payload, to the next multiple of 8.
    var paddedSize: Int { Self.paddedSize(payload: Int(length)) }

    static func paddedSize(payload: Int) -> Int { (size + payload + 7) & ~7 }

    /// Writes 48 bytes and sets the checksum.
    mutating func encode(into target: UnsafeMutableRawBufferPointer, salt: UInt64) {
        target.storeBytes(of: Self.magic.bigEndian, toByteOffset: 0, as: UInt32.self)
        target.storeBytes(of: length.bigEndian, toByteOffset: 4, as: UInt32.self)
        target.storeBytes(of: index.bigEndian, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: term.bigEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: durable.bigEndian, toByteOffset: 24, as: UInt64.self)
        target.storeBytes(of: (UInt32(kind) << 24).bigEndian, toByteOffset: 32, as: UInt32.self)
        target.storeBytes(of: previous.bigEndian, toByteOffset: 36, as: UInt32.self)
        target.storeBytes(of: payloadChecksum.bigEndian, toByteOffset: 40, as: UInt32.self)
        checksum = Self.checksum(UnsafeRawBufferPointer(rebasing: target[..<44]), salt: salt)
        target.storeBytes(of: checksum.bigEndian, toByteOffset: 44, as: UInt32.self)
    }

    /// Reads 48 bytes.
    /// - Returns: nil if the header itself is not intact.
    init?(_ bytes: UnsafeRawBufferPointer, salt: UInt64) {
        func word(_ offset: Int) -> UInt32 {
            UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func long(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard bytes.count >= Self.size, word(0) == Self.magic else { return nil }
        length = word(4)
        index = long(8)
        term = long(16)
        durable = long(24)
        kind = UInt8(word(32) >> 24)
        previous = word(36)
        payloadChecksum = word(40)
        checksum = word(44)
        guard length <= Self.payloadLimit,
            Self.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<44]), salt: salt) == checksum
        else { return nil }
    }

    init(
        length: UInt32, index: LogIndex, term: Term, durable: LogIndex, kind: UInt8,
        previous: UInt32, payloadChecksum: UInt32
    ) {
        self.length = length
        self.index = index
        self.term = term
        self.durable = durable
        self.kind = kind
        self.previous = previous
        self.payloadChecksum = payloadChecksum
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, salt: UInt64) -> UInt32 {
        withUnsafeBytes(of: salt.bigEndian) { CRC32C.checksum(bytes, seed: CRC32C.checksum($0)) }
    }
}

/// What every small file of the log has around its content: magic, version, owner, checksum.
enum LogEnvelope {
    /// Reads magic and version, skips bytes, checks the owner, and the checksum at the end.
    ///
    /// There are `length` bytes, the checksum included, and `skipping` of them stand between version and
    /// owner. What stands between owner and checksum is returned.
    static func open(
        _ bytes: [UInt8], magic: UInt64, length: Int, version: UInt32, owner: LogOwner,
        skipping: Int = 0, file: String
    ) throws(LogFault) -> ArraySlice<UInt8> {
        func corrupt(_ reason: String, _ offset: Int? = nil) -> LogFault {
            LogFault(.corrupt(reason), file: file, offset: offset, operation: "open")
        }
        var reader = ByteReader(bytes)
        do {
            guard try reader.read(UInt64.self) == magic else { throw corrupt("not a log file", 0) }
            let found: UInt32 = try reader.read()
            guard found == version else {
                throw LogFault(.unknownVersion(found), file: file, operation: "open")
            }
            guard bytes.count >= length, length >= 4 else { throw corrupt("file is too short") }
            var checksum = ByteReader(bytes[(length - 4)..<length])
            guard try checksum.read() == CRC32C.checksum(Array(bytes[..<(length - 4)])) else {
                throw corrupt("checksum does not match", length - 4)
            }
            _ = try reader.readRaw(skipping)
            let chain = try reader.readHash()
            guard chain == owner.chain else {
                throw LogFault(
                    .foreign("belongs to ledger \(chain), not to \(owner.chain)"), file: file,
                    operation: "open")
            }
            let node = NodeID(try reader.read())
            guard node == owner.node else {
                throw LogFault(
                    .foreign("belongs to node \(node), not to \(owner.node)"), file: file,
                    operation: "open")
            }
            return try reader.readRaw(length - 4 - reader.offset)
        } catch let fault as LogFault {
            throw fault
        } catch {
            throw corrupt("\(error)")
        }
    }

    /// Writes content inside of its envelope.
    static func seal(
        _ content: [UInt8], magic: UInt64, version: UInt32, owner: LogOwner
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: content.count + 56)
        writer.write(magic)
        writer.write(version)
        writer.write(owner.chain)
        writer.write(owner.node.rawValue)
        writer.write(raw: content)
        writer.write(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }
}
