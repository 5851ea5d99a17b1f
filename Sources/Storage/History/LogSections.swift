import Ledger

/// Finds the blocks whose logs may have certain items.
///
/// 4,096 blocks, or fewer with 262,144 items, make a *section*. Its items are cut into buckets by their
/// first bits, one value a bucket, six bytes an item: 32 bits of the item and which block it is in. A
/// query reads one bucket a section, however many items the blocks have, and nothing is written twice.
/// A block is named wrongly about once in 2^32 of its items.
enum LogSections {
    /// Blocks of a section, at most.
    static let sectionBlocks = 4096
    static let storedCount = 6

    /// A section of the index.
    struct Section: Equatable {
        var first: UInt64
        var last: UInt64
        /// The bits of an item that say in which bucket it is; 0 to 12.
        var bucketBits: UInt8

        /// First height, then the bits; the last height is in the key.
        var bytes: [UInt8] {
            var writer = ByteWriter(capacity: 9)
            writer.write(first)
            writer.write(byte: bucketBits)
            return writer.bytes
        }

        init(first: UInt64, last: UInt64, itemCount: Int) {
            self.first = first
            self.last = last
            // About a thousand items fill a bucket: six kilobytes, a page and a half.
            var bits: UInt8 = 0
            while bits < 12, itemCount >> Int(bits) > 1024 { bits += 1 }
            bucketBits = bits
        }

        /// - Returns: nil if the bytes are not those of a section.
        init?(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
            guard key.count == 9, value.count == 9, value[8] <= 12 else { return nil }
            first = UInt64(bigEndian: value.loadUnaligned(as: UInt64.self))
            last = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
            bucketBits = value[8]
            guard first <= last, last - first < UInt64(LogSections.sectionBlocks) else {
                return nil
            }
        }

        func bucket(of item: UInt64) -> Int { Int(item >> (48 - UInt64(bucketBits))) }
    }

    /// The 48 bits of an item's hash that are kept, spread evenly whatever hash the caller took.
    static func kept(_ item: UInt64) -> UInt64 {
        let product = item.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return (product.high ^ product.low) >> 16
    }

    // MARK: Items of a block

    /// A block's items as they are kept with it: six bytes each, most repetitions left out.
    static func stored(_ items: [UInt64]) -> [UInt8] {
        // The same contract and event come again and again: a glance at what was lately there.
        var lately = [UInt64](repeating: .max, count: 256)
        return [UInt8](unsafeUninitializedCapacity: items.count * storedCount) { buffer, count in
            count = 0
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for item in items {
                let kept = kept(item)
                let place = Int(truncatingIfNeeded: kept & 255)
                if lately[place] == kept { continue }
                lately[place] = kept
                bytes.storeBytes(
                    of: UInt16(truncatingIfNeeded: kept >> 32).bigEndian, toByteOffset: count,
                    as: UInt16.self)
                bytes.storeBytes(
                    of: UInt32(truncatingIfNeeded: kept).bigEndian, toByteOffset: count + 2,
                    as: UInt32.self)
                count += storedCount
            }
        }
    }

    static func item(stored bytes: UnsafeRawBufferPointer, at index: Int) -> UInt64 {
        let offset = index * storedCount
        let high = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
        let low = UInt32(
            bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt32.self))
        return UInt64(high) << 32 | UInt64(low)
    }

    // MARK: Sections

    /// Makes a section of the items of some blocks.
    ///
    /// - Parameters:
    ///   - first: the height of the first block.
    ///   - last: the height of the last block.
    ///   - batch: takes the section.
    ///   - stored: gives the items kept with a block, nil if there are none.
    /// - Returns: how many items there were.
    /// - Throws: what `stored` throws.
    static func fold(
        from first: UInt64, to last: UInt64, batch: inout WriteBatch,
        _ stored: (_ height: UInt64) throws(StoreFault) -> [UInt8]?
    ) throws(StoreFault) -> Int {
        // Upper 48 bits the item, lower 16 the block.
        var items: [UInt64] = []
        for height in first...last {
            guard let bytes = try stored(height) else { continue }
            bytes.withUnsafeBytes { bytes in
                for index in 0..<(bytes.count / storedCount) {
                    items.append(item(stored: bytes, at: index) << 16 | (height - first))
                }
            }
        }
        let section = Section(first: first, last: last, itemCount: items.count)
        put(sortedByBucket(items, section), section, batch: &batch)
        batch.put(HistoryKey.logSection(last: last), section.bytes)
        return items.count
    }

    /// Items in the order of their buckets, by counting.
    private static func sortedByBucket(_ items: [UInt64], _ section: Section) -> [UInt64] {
        var starts = [Int](repeating: 0, count: (1 << Int(section.bucketBits)) + 1)
        for item in items { starts[section.bucket(of: item >> 16) + 1] += 1 }
        for index in 1..<starts.count { starts[index] += starts[index - 1] }
        return [UInt64](unsafeUninitializedCapacity: items.count) { sorted, count in
            for item in items {
                let bucket = section.bucket(of: item >> 16)
                sorted.initializeElement(at: starts[bucket], to: item)
                starts[bucket] += 1
            }
            count = items.count
        }
    }

    private static func put(_ items: [UInt64], _ section: Section, batch: inout WriteBatch) {
        var start = 0
        while start < items.count {
            let bucket = section.bucket(of: items[start] >> 16)
            var end = start + 1
            while end < items.count, section.bucket(of: items[end] >> 16) == bucket { end += 1 }
            let key = HistoryKey.logBucket(first: section.first, bucket: UInt16(bucket))
            withUnsafeTemporaryAllocation(byteCount: (end - start) * storedCount, alignment: 8) {
                buffer in
                var offset = 0
                for item in items[start..<end] {
                    buffer.storeBytes(
                        of: UInt32(truncatingIfNeeded: item >> 16).bigEndian,
                        toByteOffset: offset, as: UInt32.self)
                    buffer.storeBytes(
                        of: UInt16(truncatingIfNeeded: item).bigEndian,
                        toByteOffset: offset + 4, as: UInt16.self)
                    offset += storedCount
                }
                key.withUnsafeBytes { batch.put($0, UnsafeRawBufferPointer(buffer)) }
            }
            start = end
        }
    }
}
