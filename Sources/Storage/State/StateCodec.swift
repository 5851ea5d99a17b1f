import Ledger

/// The keys of the state store; `docs/formats/store.md` lists them.
enum StateKey {
    /// Of which ledger the store is.
    static let identity: [UInt8] = [0x00, 0x00]
    /// What the store stands for.
    static let meta: [UInt8] = [0x00, 0x01]
    /// The last entry of the log that the state has.
    static let logIndex: [UInt8] = [0x00, 0x02]
    /// First byte of cells; objects follow with 0x02 and above.
    static let cells: UInt8 = 0x01
}

extension CellKey {
    static var storedCount: Int { 25 }

    /// Lends the stored key from the stack.
    func withStoredBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        let outcome = withUnsafeTemporaryAllocation(byteCount: Self.storedCount, alignment: 8) {
            buffer -> Swift.Result<Result, StoreFault> in
            store(into: buffer)
            do throws(StoreFault) {
                return .success(try body(UnsafeRawBufferPointer(buffer)))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Reads a stored key.
    /// - Returns: nil if it is none.
    init?(stored: UnsafeRawBufferPointer) {
        guard stored.count == Self.storedCount, stored[0] == StateKey.cells else { return nil }
        func part<Part: FixedWidthInteger>(_ offset: Int) -> Part {
            Part(bigEndian: stored.loadUnaligned(fromByteOffset: offset, as: Part.self))
        }
        self.init(
            space: part(1), address: Address(high: part(5), middle: part(13), low: part(21)))
    }

    /// Writes the stored key into memory with room for it.
    func store(into buffer: UnsafeMutableRawBufferPointer) {
        buffer[0] = StateKey.cells
        buffer.storeBytes(of: space.bigEndian, toByteOffset: 1, as: UInt32.self)
        buffer.storeBytes(of: address.high.bigEndian, toByteOffset: 5, as: UInt64.self)
        buffer.storeBytes(of: address.middle.bigEndian, toByteOffset: 13, as: UInt64.self)
        buffer.storeBytes(of: address.low.bigEndian, toByteOffset: 21, as: UInt32.self)
    }

    /// The first eight bytes after the tag, enough to sort by unless two keys share them.
    var sortingPrefix: UInt64 { UInt64(space) << 32 | address.high >> 32 }
}

extension Cell {
    static var storedCount: Int { 32 }

    /// Reads 32 bytes: amount, word, height of the last write.
    /// - Returns: nil if there are more or fewer.
    init?(stored: UnsafeRawBufferPointer) {
        guard stored.count == Self.storedCount else { return nil }
        let high = UInt64(bigEndian: stored.loadUnaligned(as: UInt64.self))
        let low = UInt64(bigEndian: stored.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.init(
            amount: UInt128(high) << 64 | UInt128(low),
            aux: UInt64(bigEndian: stored.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            touched: UInt64(bigEndian: stored.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }

    /// Writes the stored value into memory with room for it.
    func store(into buffer: UnsafeMutableRawBufferPointer) {
        buffer.storeBytes(
            of: UInt64(truncatingIfNeeded: amount >> 64).bigEndian, as: UInt64.self)
        buffer.storeBytes(
            of: UInt64(truncatingIfNeeded: amount).bigEndian, toByteOffset: 8, as: UInt64.self)
        buffer.storeBytes(of: aux.bigEndian, toByteOffset: 16, as: UInt64.self)
        buffer.storeBytes(of: touched.bigEndian, toByteOffset: 24, as: UInt64.self)
    }
}

extension WriteBatch {
    /// Puts cells in the order of their keys: LevelDB takes sorted batches two to four times faster.
    mutating func putSorted(_ cells: [CellChange]) {
        // Sixteen bytes a cell are sorted instead of ninety-six.
        var order = cells.indices.map {
            (prefix: cells[$0].key.sortingPrefix, index: UInt32(truncatingIfNeeded: $0))
        }
        order.sort { left, right in
            left.prefix != right.prefix
                ? left.prefix < right.prefix
                : cells[Int(left.index)].key < cells[Int(right.index)].key
        }
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { buffer in
            let key = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<CellKey.storedCount])
            let value = UnsafeMutableRawBufferPointer(
                rebasing: buffer[32..<(32 + Cell.storedCount)])
            for (_, index) in order {
                cells[Int(index)].key.store(into: key)
                cells[Int(index)].cell.store(into: value)
                put(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
            }
        }
    }

    /// Puts and deletes objects in the order of their keys.
    mutating func putSorted(_ objects: [ObjectChange]) {
        for object in objects.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            precondition(
                (object.key.first ?? 0) > StateKey.cells, "an object's key starts with 0x02 or more"
            )
            if let value = object.value {
                put(object.key, value)
            } else {
                delete(object.key)
            }
        }
    }
}
