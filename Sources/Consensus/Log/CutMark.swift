import Ledger

/// Says in a segment's first page from which entry on its records are being cut off.
///
/// A file does not get shorter at one stroke: the power may go when some sectors of the first record that is cut off
/// are zeros already and a later one is still there, which says that the first was durable. By the mark,
/// which is on the disk before and gone before another record counts as durable, that is told from damage.
struct CutMark: Equatable {
    /// Where in the segment it stands: in a sector that has nothing else.
    static let place = 512
    static let size = 20
    private static let magic: UInt64 = 0x4449_504e_4355_5431  // "DIPNCUT1"

    /// What stands there while nothing is being cut off.
    static let none = [UInt8](repeating: 0, count: size)

    /// The first entry that no longer counts.
    let index: LogIndex

    /// The mark as it is written in a segment with that salt.
    func bytes(salt: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        writer.write(Self.magic)
        writer.write(index)
        let seed = withUnsafeBytes(of: salt.bigEndian) { CRC32C.checksum($0) }
        writer.write(CRC32C.checksum(writer.bytes, seed: seed))
        return writer.bytes
    }

    /// Reads a segment's mark.
    ///
    /// - Returns: nil if there is none.
    /// - Throws: ``LogFault`` if what stands there is no mark of this segment.
    static func read(
        _ segment: [UInt8], of header: SegmentHeader, file: String
    ) throws(LogFault) -> CutMark? {
        guard segment.count >= place + size else { return nil }
        let found = Array(segment[place..<(place + size)])
        if found == none { return nil }
        var reader = ByteReader(found[8..<16])
        guard let index = try? reader.read(UInt64.self), index >= header.first,
            found == CutMark(index: index).bytes(salt: header.salt)
        else {
            throw LogFault(
                .corrupt("the mark of a cut is damaged"), file: file, offset: place,
                operation: "open")
        }
        return CutMark(index: index)
    }
}
