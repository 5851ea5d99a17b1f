/// A block as the node keeps it: header, body, the record of every transaction, what changed.
///
/// It keeps the bytes it was decoded from and finds its parts by ranges in them.
public struct StoredBlock: Sendable {
    /// The header.
    public let header: Header
    /// The header's hash, under which clients know the block.
    public let hash: Hash32
    /// The stored bytes.
    public let bytes: [UInt8]
    private let bodyRange: Range<Int>
    /// Where each transaction stands in ``bytes``.
    public let transactions: [Range<Int>]
    /// Where each record stands in ``bytes``: one a transaction, and the block's own.
    private let records: [Range<Int>]
    private let cellsRange: Range<Int>
    private let objectsRange: Range<Int>

    /// The length of one changed cell: space, address, amount, word, height before.
    private static let cellByteCount = 56

    /// Encodes a block.
    ///
    /// - Parameters:
    ///   - header: its header.
    ///   - body: the encoded body; empty for genesis.
    ///   - records: all records one behind another.
    ///   - recordEnds: where each of them ends.
    ///   - changes: what changed, sorted by key.
    /// - Returns: the bytes, as ``init(decoding:)`` reads them.
    public static func encode(
        header: Header, body: [UInt8], records: [UInt8], recordEnds: [Int], changes: StateChanges
    ) -> [UInt8] {
        let size =
            Header.byteCount + body.count + records.count + 4 * recordEnds.count
            + changes.cells.count * cellByteCount + 1024
        var writer = ByteWriter(capacity: size)
        writer.write(byte: 1)
        header.encode(to: &writer)
        writer.write(counted: body)
        writer.write(UInt32(recordEnds.count))
        for end in recordEnds { writer.write(UInt32(end)) }
        writer.write(raw: records)
        writer.write(UInt32(changes.cells.count))
        for change in changes.cells {
            writer.write(change.key.space)
            writer.write(change.key.address)
            writer.write(change.cell.amount)
            writer.write(change.cell.aux)
            writer.write(change.previous)
        }
        writer.write(UInt32(changes.objects.count))
        for change in changes.objects {
            writer.write(counted: change.key)
            writer.write(byte: change.value == nil ? 0 : 1)
            writer.write(counted: change.value ?? [])
        }
        return writer.bytes
    }

    /// Decodes a block.
    ///
    /// - Source: `docs/formats/block.md`.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("the stored block has a format that this version does not know")
        }
        let headerStart = reader.position
        header = try Header(from: &reader)
        hash = SHA256.hash(bytes[headerStart..<reader.position])
        let body = try reader.readCounted()
        bodyRange = body.startIndex..<body.endIndex
        if body.isEmpty {
            transactions = []
        } else {
            let offset = body.startIndex
            transactions = try Body(decoding: Array(body)).transactions.map {
                ($0.lowerBound + offset)..<($0.upperBound + offset)
            }
        }
        let count = Int(try reader.read(UInt32.self))
        guard count == transactions.count + 1, count <= reader.remaining / 4 else {
            throw DecodingFault("there is not one record a transaction", at: reader.offset)
        }
        var ends: [Int] = []
        ends.reserveCapacity(count)
        for _ in 0..<count { ends.append(Int(try reader.read(UInt32.self))) }
        let start = reader.position
        var records: [Range<Int>] = []
        records.reserveCapacity(count)
        var last = 0
        for end in ends {
            guard end >= last else { throw DecodingFault("records overlap", at: reader.offset) }
            records.append((start + last)..<(start + end))
            last = end
        }
        _ = try reader.readRaw(last)
        self.records = records
        let cells = Int(try reader.read(UInt32.self))
        let cellsStart = reader.position
        _ = try reader.readRaw(cells * Self.cellByteCount)
        cellsRange = cellsStart..<reader.position
        objectsRange = reader.position..<bytes.endIndex
        self.bytes = bytes
    }

    /// The encoded body; empty for genesis.
    public var body: ArraySlice<UInt8> { bytes[bodyRange] }

    /// The raw bytes of a transaction.
    public func transaction(_ index: Int) -> ArraySlice<UInt8> { bytes[transactions[index]] }

    /// The encoded record of a transaction or, at the index after the last one's, of the block itself.
    public func recordBytes(_ index: Int) -> ArraySlice<UInt8> { bytes[records[index]] }

    /// The record of a transaction or, at the index after the last one's, of the block itself.
    public func record(_ index: Int) throws(DecodingFault) -> Record {
        try Record(decoding: recordBytes(index))
    }

    /// How a transaction ended, without reading the rest of its record; nil if that is malformed.
    public func outcome(_ index: Int) -> Outcome? { Outcome(record: bytes[records[index]]) }

    /// What the block changed of one cell, or nil if it did not write it.
    ///
    /// A binary search.
    public func change(of key: CellKey) -> CellChange? {
        var low = 0
        var high = cellsRange.count / Self.cellByteCount
        while low < high {
            let middle = (low + high) / 2
            guard let change = cellChange(middle) else { return nil }
            if change.key == key { return change }
            if change.key < key { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private func cellChange(_ index: Int) -> CellChange? {
        let start = cellsRange.lowerBound + index * Self.cellByteCount
        var reader = ByteReader(bytes[start..<(start + Self.cellByteCount)])
        guard let space: UInt32 = try? reader.read(), let address = try? reader.readAddress(),
            let amount: UInt128 = try? reader.read(), let aux: UInt64 = try? reader.read(),
            let previous: UInt64 = try? reader.read()
        else { return nil }
        return CellChange(
            key: CellKey(space: space, address: address),
            cell: Cell(amount: amount, aux: aux, touched: header.height), previous: previous)
    }

    /// Everything that the block changed, sorted by key.
    public func changes() throws(DecodingFault) -> StateChanges {
        var changes = StateChanges()
        let count = cellsRange.count / Self.cellByteCount
        changes.cells.reserveCapacity(count)
        for index in 0..<count {
            guard let change = cellChange(index) else { break }
            changes.cells.append(change)
        }
        var reader = ByteReader(bytes[objectsRange])
        for _ in 0..<(try reader.read(UInt32.self)) {
            let key = Array(try reader.readCounted())
            let present = try reader.read(UInt8.self) == 1
            let value = Array(try reader.readCounted())
            changes.objects.append(ObjectChange(key: key, value: present ? value : nil))
        }
        return changes
    }
}
