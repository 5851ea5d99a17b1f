import Ledger

/// The plan of the hash index: which segments there are, and which are being merged into what.
///
/// LevelDB itself would rewrite a random key about as often as it has levels, and stalls for seconds
/// when it falls behind. So hashes are gathered: 16,384 of them or more make a *segment*, sorted and
/// cut into buckets by their first bits, one value a bucket. A lookup reads one bucket of each segment.
/// Eight segments of one level are merged into one of the next, a few buckets at a time, in step with
/// what comes in: a hash is written once a level, and there are at most about fifteen segments a level.
///
/// A merge moves bucket by bucket: the same batch that puts a merged bucket deletes what went into it
/// and moves `nextBucket` on, so a reader of one snapshot finds every hash exactly once.
struct HashIndex: Equatable, Sendable {
    struct Segment: Equatable, Sendable {
        var number: UInt64
        /// The height of its last block.
        var last: UInt64
    }

    struct Merge: Equatable, Sendable {
        /// Of this level.
        var inputs: [Segment]
        /// Of the next level.
        var output: Segment
        /// Buckets below this one (of the inputs' level) are in the output, the others in the inputs.
        var nextBucket: UInt32
    }

    struct Level: Equatable, Sendable {
        /// Complete segments, oldest first.
        var segments: [Segment] = []
        /// Of segments older than those.
        var merge: Merge?
    }

    /// Segments that are merged into one.
    static let fanIn = 8
    /// The last level is not merged: it begins at 2.7 × 10^11 hashes.
    static let lastLevel = 8

    private(set) var levels: [Level] = []
    private var nextNumber: UInt64 = 0

    init() {}

    /// How many buckets a segment has: on level 0 about 256 hashes fill one.
    static func bucketCount(level: Int) -> UInt32 { 64 << UInt32(3 * level) }

    static func bucket(of prefix: UInt64, level: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: prefix >> UInt64(58 - 3 * level))
    }

    // MARK: Looking up

    /// The keys of the buckets in which a prefix may be, newest first.
    func keys(of prefix: UInt64) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        for (number, level) in levels.enumerated() {
            let bucket = Self.bucket(of: prefix, level: number)
            func add(_ segment: Segment) {
                keys.append(
                    HistoryKey.hashBucket(level: number, segment: segment.number, bucket: bucket))
            }
            level.segments.reversed().forEach(add)
            guard let merge = level.merge else { continue }
            if bucket >= merge.nextBucket {
                merge.inputs.reversed().forEach(add)
            } else {
                keys.append(
                    HistoryKey.hashBucket(
                        level: number + 1, segment: merge.output.number,
                        bucket: Self.bucket(of: prefix, level: number + 1)))
            }
        }
        return keys
    }

    // MARK: Adding

    /// Makes a segment of entries and goes on with the merges.
    ///
    /// - Parameters:
    ///   - entries: of consecutive blocks, in any order.
    ///   - last: the height of the last of these blocks.
    ///   - first: the first block that was not pruned; what is below is left out.
    ///   - reader: where earlier segments are read from.
    ///   - batch: takes every change, the index's own record included.
    /// - Throws: ``StoreFault`` of the reader.
    mutating func add(
        _ entries: [HashIndexEntry], last: UInt64, prunedBelow first: UInt64,
        reader: any KeyValueReader, batch: inout WriteBatch
    ) throws(StoreFault) {
        // Twice what comes in, on each level, ends every merge before the next one is due. From the
        // last level down and before the new segment: what this batch puts cannot be read yet.
        let budget = 2 * entries.count
        for level in levels.indices.reversed() {
            try merge(
                level: level, budget: budget, prunedBelow: first, reader: reader, batch: &batch)
        }
        if levels.isEmpty { levels.append(Level()) }
        let segment = makeSegment(last: last)
        levels[0].segments.append(segment)
        Self.put(entries.sorted(), level: 0, segment: segment.number, batch: &batch)
        batch.put(HistoryKey.hashIndex, bytes)
    }

    private mutating func makeSegment(last: UInt64) -> Segment {
        defer { nextNumber += 1 }
        return Segment(number: nextNumber, last: last)
    }

    /// Puts sorted entries of one segment, or of one stretch of its buckets.
    private static func put(
        _ entries: [HashIndexEntry], level: Int, segment: UInt64, batch: inout WriteBatch
    ) {
        var start = 0
        while start < entries.count {
            let bucket = bucket(of: entries[start].prefix, level: level)
            var end = start + 1
            while end < entries.count, self.bucket(of: entries[end].prefix, level: level) == bucket
            {
                end += 1
            }
            let key = HistoryKey.hashBucket(level: level, segment: segment, bucket: bucket)
            HashIndexEntry.withStored(entries[start..<end]) { value in
                key.withUnsafeBytes { batch.put($0, value) }
            }
            start = end
        }
    }

    /// Moves buckets of one level up, until about `budget` entries were moved or nothing is to do.
    private mutating func merge(
        level: Int, budget: Int, prunedBelow first: UInt64, reader: any KeyValueReader,
        batch: inout WriteBatch
    ) throws(StoreFault) {
        if levels[level].merge == nil {
            guard level < Self.lastLevel, levels[level].segments.count >= Self.fanIn else { return }
            let inputs = Array(levels[level].segments.prefix(Self.fanIn))
            levels[level].segments.removeFirst(Self.fanIn)
            let output = makeSegment(last: inputs[Self.fanIn - 1].last)
            levels[level].merge = Merge(inputs: inputs, output: output, nextBucket: 0)
        }
        guard var merge = levels[level].merge else { return }
        var moved = 0
        while moved < budget, merge.nextBucket < Self.bucketCount(level: level) {
            var entries: [HashIndexEntry] = []
            for input in merge.inputs {
                let key = HistoryKey.hashBucket(
                    level: level, segment: input.number, bucket: merge.nextBucket)
                _ = try key.withUnsafeBytesTyped { key throws(StoreFault) in
                    try reader.get(key) { value in
                        for index in 0..<(value.count / HashIndexEntry.storedCount) {
                            let entry = HashIndexEntry(stored: value, at: index)
                            if entry.height >= first { entries.append(entry) }
                        }
                    }
                }
                batch.delete(key)
            }
            // The sort finds the eight sorted runs and merges them.
            entries.sort()
            Self.put(entries, level: level + 1, segment: merge.output.number, batch: &batch)
            merge.nextBucket += 1
            // An empty bucket costs its reads.
            moved += max(entries.count, Self.fanIn)
        }
        guard merge.nextBucket == Self.bucketCount(level: level) else {
            levels[level].merge = merge
            return
        }
        levels[level].merge = nil
        if levels.count == level + 1 { levels.append(Level()) }
        levels[level + 1].segments.append(merge.output)
    }

    // MARK: Pruning

    /// The segments whose blocks are all below a height, those of merges included.
    func segments(below height: UInt64) -> [(level: Int, segment: Segment)] {
        var found: [(level: Int, segment: Segment)] = []
        for (number, level) in levels.enumerated() {
            found += level.segments.filter { $0.last < height }.map { (number, $0) }
            guard let merge = level.merge, merge.output.last < height else { continue }
            found += merge.inputs.map { (number, $0) } + [(number + 1, merge.output)]
        }
        return found
    }

    /// Takes the segments out of the plan whose blocks are all below a height.
    mutating func removeSegments(below height: UInt64) {
        for level in levels.indices {
            levels[level].segments.removeAll { $0.last < height }
            if let merge = levels[level].merge, merge.output.last < height {
                levels[level].merge = nil
            }
        }
    }
}

extension HashIndex {
    /// Next number; then for each level its segments and its merge, counts in two bytes.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        func write(_ segments: [Segment]) {
            writer.write(UInt16(segments.count))
            for segment in segments {
                writer.write(segment.number)
                writer.write(segment.last)
            }
        }
        writer.write(nextNumber)
        writer.write(byte: UInt8(levels.count))
        for level in levels {
            write(level.segments)
            write(level.merge?.inputs ?? [])
            guard let merge = level.merge else { continue }
            write([merge.output])
            writer.write(merge.nextBucket)
        }
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        func segments() throws(DecodingFault) -> [Segment] {
            var segments: [Segment] = []
            for _ in 0..<(try reader.read(UInt16.self)) {
                segments.append(Segment(number: try reader.read(), last: try reader.read()))
            }
            return segments
        }
        nextNumber = try reader.read()
        let count: UInt8 = try reader.read()
        guard count <= Self.lastLevel + 1 else { throw DecodingFault("too many levels") }
        for _ in 0..<count {
            var level = Level(segments: try segments())
            let inputs = try segments()
            if !inputs.isEmpty {
                guard let output = try segments().first else {
                    throw DecodingFault("a merge has no output", at: reader.offset)
                }
                level.merge = Merge(
                    inputs: inputs, output: output, nextBucket: try reader.read())
            }
            levels.append(level)
        }
        try reader.finish()
    }
}
