import CPrefetch

/// The hot cells: fixed-size records in slabs that never move, found through an open-addressing index.
///
/// A slot's number stays valid until the slot is evicted, which happens between blocks only, so that
/// journals and change lists can name cells by slot.
@frozen
@usableFromInline
struct CellTable: ~Copyable {
    @usableFromInline
    struct Record {
        @usableFromInline var cell: Cell
        @usableFromInline var key: CellKey
        /// 0 free, 1 in use, 3 in use and read since the clock hand passed.
        @usableFromInline var use: UInt64

        @usableFromInline
        init(cell: Cell, key: CellKey, use: UInt64) {
            self.cell = cell
            self.key = key
            self.use = use
        }
    }

    @usableFromInline static var slabBits: Int { 16 }
    @usableFromInline static var slabCount: Int { 1 << slabBits }

    /// One pointer a slab of 65,536 records of 64 bytes.
    @usableFromInline var slabs: [UnsafeMutablePointer<Record>] = []
    /// High half: the hash's high half; low half: slot + 1, or 0 where nothing is.
    @usableFromInline var index: UnsafeMutablePointer<UInt64>
    @usableFromInline var mask: Int
    /// Records in use.
    @usableFromInline var count = 0
    /// Slots below this one were in use at some time.
    @usableFromInline var slotsEnd: UInt32 = 0
    @usableFromInline var free: [UInt32] = []
    @usableFromInline var hand: UInt32 = 0
    /// Keeps an outsider from choosing addresses that collide; never reaches a result.
    @usableFromInline let seed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        mask = (1 << 12) - 1
        index = .allocate(capacity: mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
    }

    @inlinable
    deinit {
        for slab in slabs { slab.deallocate() }
        index.deallocate()
    }

    @inlinable
    subscript(slot: UInt32) -> UnsafeMutablePointer<Record> {
        slabs[Int(slot >> UInt32(Self.slabBits))] + Int(slot & UInt32(Self.slabCount - 1))
    }

    @inlinable
    func hash(_ key: CellKey) -> UInt64 {
        let a = (key.address.high ^ seed).multipliedFullWidth(
            by: key.address.middle ^ 0x9E37_79B9_7F4A_7C15)
        let tail = UInt64(key.address.low) << 32 | UInt64(key.space)
        let b = (tail ^ 0xD6E8_FEB8_6659_FD93).multipliedFullWidth(
            by: a.high ^ a.low ^ (seed &+ 0xA076_1D64_78BD_642F))
        return b.high ^ b.low ^ key.address.middle
    }

    /// The slot of a key, or nil if it is not in memory.
    @inlinable
    func find(_ key: CellKey) -> UInt32? {
        let hash = hash(key)
        var position = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = index[position]
            if entry == 0 { return nil }
            if entry >> 32 == hash >> 32 {
                let slot = UInt32(truncatingIfNeeded: entry) &- 1
                if self[slot].pointee.key == key { return slot }
            }
            position = (position + 1) & mask
        }
    }

    /// Asks the processor to fetch what ``find(_:)`` will look at for each of these keys; all at once, since
    /// one search after the other would wait for memory twice each.
    func prefetch(_ keys: ContiguousArray<CellKey>) {
        for key in keys {
            dipnet_prefetch(index + (Int(truncatingIfNeeded: hash(key)) & mask))
        }
        for key in keys {
            let entry = index[Int(truncatingIfNeeded: hash(key)) & mask]
            guard entry != 0 else { continue }
            dipnet_prefetch(self[UInt32(truncatingIfNeeded: entry) &- 1])
        }
    }

    /// Adds a key that is not in the table.
    mutating func insert(_ key: CellKey, _ cell: Cell) -> UInt32 {
        if (count + 1) * 4 > (mask + 1) * 3 { growIndex() }
        let slot: UInt32
        if let last = free.popLast() {
            slot = last
        } else {
            slot = slotsEnd
            slotsEnd += 1
            if Int(slot >> UInt32(Self.slabBits)) == slabs.count {
                slabs.append(Self.makeSlab())
            }
        }
        self[slot].initialize(to: Record(cell: cell, key: key, use: 3))
        place(slot, hash(key))
        count += 1
        return slot
    }

    /// Room for a slab's records, each in one line of the processor's cache.
    private static func makeSlab() -> UnsafeMutablePointer<Record> {
        UnsafeMutableRawPointer
            .allocate(byteCount: slabCount * MemoryLayout<Record>.stride, alignment: 64)
            .bindMemory(to: Record.self, capacity: slabCount)
    }

    private func place(_ slot: UInt32, _ hash: UInt64) {
        var position = Int(truncatingIfNeeded: hash) & mask
        while index[position] != 0 { position = (position + 1) & mask }
        index[position] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(slot + 1)
    }

    private mutating func growIndex() {
        index.deallocate()
        mask = (mask + 1) * 2 - 1
        index = .allocate(capacity: mask + 1)
        index.initialize(repeating: 0, count: mask + 1)
        for slot in 0..<slotsEnd where self[slot].pointee.use != 0 {
            place(slot, hash(self[slot].pointee.key))
        }
    }

    /// Drops records until at most `limit` are left, passing over those written after `height` and,
    /// once, those that were read since the hand passed.
    mutating func evict(limit: Int, writtenUpTo height: UInt64) {
        var steps = 2 * Int(slotsEnd)
        while count > limit, steps > 0 {
            steps -= 1
            if hand >= slotsEnd { hand = 0 }
            let slot = hand
            hand += 1
            let record = self[slot]
            guard record.pointee.use != 0, record.pointee.cell.touched <= height else { continue }
            if record.pointee.use == 3 {
                record.pointee.use = 1
            } else {
                remove(slot)
            }
        }
    }

    private mutating func remove(_ slot: UInt32) {
        var hole = Int(truncatingIfNeeded: hash(self[slot].pointee.key)) & mask
        while UInt32(truncatingIfNeeded: index[hole]) != slot + 1 { hole = (hole + 1) & mask }
        // Close the gap, so that no search stops early at it.
        var next = (hole + 1) & mask
        while index[next] != 0 {
            let other = UInt32(truncatingIfNeeded: index[next]) &- 1
            let home = Int(truncatingIfNeeded: hash(self[other].pointee.key)) & mask
            if (next - home) & mask >= (next - hole) & mask {
                index[hole] = index[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        index[hole] = 0
        self[slot].pointee.use = 0
        free.append(slot)
        count -= 1
    }
}
