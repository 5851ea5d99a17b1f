/// The working state of a ledger: hot cells and objects in memory, the rest in a ``StateSource``.
///
/// All-or-nothing works by journal: take a ``mark()``, write, and ``rollback(to:)`` the mark if the
/// operation is refused. Nothing is copied but what is overwritten. Marks nest.
///
/// One thread at a time uses a state. It is a class because it is one thing with an identity: the
/// ledger's memory.
public final class State {
    /// What an operation may know of the block that it is in.
    public var block: BlockContext
    /// Whether the running call is one of several, of which a later one may undo what it does.
    public var isBatch = false
    /// Gas of the running transaction.
    public var gas = GasMeter(limit: .max)
    /// What the running transaction did, as framed records; see ``record(_:_:)``.
    public var effects = ByteWriter(capacity: 1 << 16)

    // Touched several times a payment, and lent to no closure: checking at run time that accesses do not
    // overlap took half the time of a batch.
    @exclusivity(unchecked) @usableFromInline var cells: CellTable
    @exclusivity(unchecked) @usableFromInline var cellJournal: ContiguousArray<CellUndo> = []
    /// Cells first written in this block, with the height they were written at before.
    @exclusivity(unchecked) @usableFromInline var cellChanges: ContiguousArray<CellFirstWrite> = []
    /// Cells written since changes were last collected for the store.
    @exclusivity(unchecked) @usableFromInline var cellsUncollected: ContiguousArray<UInt32> = []

    private var objects: [[UInt8]: ObjectEntry] = [:]
    /// The bytes of all values in ``objects``.
    private(set) var objectBytes = 0
    private var objectJournal: ContiguousArray<ObjectUndo> = []
    private var objectChanges: ContiguousArray<[UInt8]> = []
    private var objectsUncollected: ContiguousArray<[UInt8]> = []

    private var participants: [any DraftParticipant] = []
    private var participantJournal: ContiguousArray<ParticipantUndo> = []

    /// The height up to which changes were collected for the store.
    @usableFromInline var heightCollected: UInt64
    /// The height up to which the store has said that changes are written.
    public private(set) var heightWritten: UInt64
    /// Whether genesis was executed and is not stored yet.
    ///
    /// What it wrote has the height of what was never written, 0, so that until then nothing may be
    /// forgotten.
    private var isGenesisUnwritten = false
    @usableFromInline let source: any StateSource
    /// How many cells and how many objects are kept in memory between blocks, if all were written.
    private let cellLimit: Int
    private let objectLimit: Int
    /// How many bytes the objects may have that are kept in memory between blocks, if all were written.
    private let objectByteLimit: Int

    /// Makes the working state over what the source holds.
    ///
    /// - Parameters:
    ///   - source: where what is not in memory is read from.
    ///   - height: the height of the block whose state the source holds.
    ///   - cellLimit: cells kept in memory, 64 bytes each; exceeded only while they wait to be written.
    ///   - objectLimit: objects kept in memory, likewise.
    ///   - objectByteLimit: the bytes of objects kept in memory, likewise: one order may have hundreds of kilobytes.
    ///   - seed: any number; different ones on different machines keep outsiders from choosing
    ///     addresses that collide in the table. It never reaches a result.
    public init(
        source: any StateSource, height: UInt64 = 0, cellLimit: Int = 1 << 22,
        objectLimit: Int = 1 << 18, objectByteLimit: Int = 256 << 20, seed: UInt64 = 0
    ) {
        self.source = source
        self.cellLimit = cellLimit
        self.objectLimit = objectLimit
        self.objectByteLimit = objectByteLimit
        heightCollected = height
        heightWritten = height
        cells = CellTable(seed: seed)
        block = BlockContext(height: height)
    }

    /// The first fault of the source, after which nothing of this state may be adopted.
    public var fault: String? { source.fault }

    // MARK: Cells

    /// The slot of a cell, loaded if need be; valid until the block ends.
    @inlinable
    public func slot(_ key: CellKey) -> UInt32 {
        if let slot = cells.find(key) { return slot }
        return load(key)
    }

    @usableFromInline
    func load(_ key: CellKey) -> UInt32 { cells.insert(key, source.cell(key) ?? Cell()) }

    /// Says that these cells are about to be looked up, so that the processor fetches many of them from memory
    /// at once; reads none and changes nothing.
    public func expect(_ keys: ContiguousArray<CellKey>) { cells.prefetch(keys) }

    /// Reads a cell.
    @inlinable
    public func cell(_ key: CellKey) -> Cell { cell(at: slot(key)) }

    /// Reads a cell by its slot.
    @inlinable
    public func cell(at slot: UInt32) -> Cell {
        let record = cells[slot]
        record.pointee.use = 3
        return record.pointee.cell
    }

    /// Reads a cell without keeping it in memory: for readers, who may ask for anything.
    public func peek(_ key: CellKey) -> Cell {
        if let slot = cells.find(key) { return cells[slot].pointee.cell }
        return source.cell(key) ?? Cell()
    }

    /// Reads a cell if it is in memory; nil says nothing about it.
    public func peekInMemory(_ key: CellKey) -> Cell? {
        cells.find(key).map { cells[$0].pointee.cell }
    }

    /// Overwrites a cell's amount and word.
    @inlinable
    public func write(_ key: CellKey, amount: UInt128, aux: UInt64) {
        write(at: slot(key), amount: amount, aux: aux)
    }

    /// Overwrites a cell's amount and word by its slot.
    @inlinable
    public func write(at slot: UInt32, amount: UInt128, aux: UInt64) {
        let record = cells[slot]
        let old = record.pointee.cell
        cellJournal.append(CellUndo(old: old, slot: slot))
        // Cells never written have height 0 too, so genesis lists a cell at every write.
        if old.touched != block.height || block.height == 0 {
            cellChanges.append(CellFirstWrite(previous: old.touched, slot: slot))
            if old.touched <= heightCollected { cellsUncollected.append(slot) }
        }
        record.pointee.cell = Cell(amount: amount, aux: aux, touched: block.height)
    }

    // MARK: Objects

    /// Reads an object, nil if there is none.
    public func object(_ key: [UInt8]) -> [UInt8]? {
        if let entry = objects[key] { return entry.value }
        let value = source.object(key)
        objects[key] = ObjectEntry(value: value, touched: 0)
        objectBytes += value?.count ?? 0
        return value
    }

    /// Reads an object without keeping it in memory: for readers, who may ask for anything.
    public func peekObject(_ key: [UInt8]) -> [UInt8]? {
        if let entry = objects[key] { return entry.value }
        return source.object(key)
    }

    /// Writes an object, or removes it where the value is nil.
    public func setObject(_ key: [UInt8], _ value: [UInt8]?) {
        let height = block.height
        let kept = objects.updateValue(ObjectEntry(value: value, touched: height), forKey: key)
        let old = kept ?? ObjectEntry(value: source.object(key), touched: 0)
        objectJournal.append(ObjectUndo(key: key, old: old))
        if old.touched != height || height == 0 {
            objectChanges.append(key)
            if old.touched <= heightCollected { objectsUncollected.append(key) }
        }
        objectBytes += (value?.count ?? 0) - (kept?.value?.count ?? 0)
    }

    /// Calls `body` with each stored object under a prefix, in byte order; only before the first block.
    public func scan(prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Bool) {
        precondition(objectsUncollected.isEmpty, "a scan does not see what is not stored yet")
        source.scan(prefix: prefix, body)
    }

    // MARK: Participants

    /// Lets a cache of decoded objects take part in drafts and in the end of blocks.
    /// - Returns: the number under which it journals.
    public func join(_ participant: any DraftParticipant) -> Int {
        participants.append(participant)
        return participants.count - 1
    }

    /// Lets go of all participants, which hold this state as it holds them; no block may follow.
    public func end() { participants = [] }

    /// Notes that a participant saved what it needs to undo a change, under a number of its own.
    public func journal(participant: Int, undo: Int) {
        participantJournal.append(ParticipantUndo(participant: participant, undo: undo))
    }

    // MARK: Effects

    /// Appends one effect: its tag, the length of its payload in four bytes, the payload.
    ///
    /// - Parameters:
    ///   - tag: what kind of effect, unique among all modules.
    ///   - body: writes the payload.
    @inlinable
    public func record(_ tag: UInt8, _ body: (inout ByteWriter) -> Void) {
        effects.write(byte: tag)
        let start = effects.bytes.count
        effects.write(UInt32(0))
        body(&effects)
        effects.patch(UInt32(effects.bytes.count - start - 4), at: start)
    }

    // MARK: Drafts

    /// Where the journals stand now.
    public func mark() -> Mark {
        Mark(
            cells: cellJournal.count, cellChanges: cellChanges.count,
            cellsUncollected: cellsUncollected.count, objects: objectJournal.count,
            objectChanges: objectChanges.count, objectsUncollected: objectsUncollected.count,
            participants: participantJournal.count, effects: effects.bytes.count)
    }

    /// Undoes every write and effect since the mark.
    ///
    /// Gas stays used.
    public func rollback(to mark: Mark) {
        while cellJournal.count > mark.cells {
            let undo = cellJournal.removeLast()
            cells[undo.slot].pointee.cell = undo.old
        }
        while objectJournal.count > mark.objects {
            let undo = objectJournal.removeLast()
            let undone = objects.updateValue(undo.old, forKey: undo.key)
            objectBytes += (undo.old.value?.count ?? 0) - (undone?.value?.count ?? 0)
        }
        while participantJournal.count > mark.participants {
            let undo = participantJournal.removeLast()
            participants[undo.participant].undo(undo.undo)
        }
        cellChanges.removeLast(cellChanges.count - mark.cellChanges)
        cellsUncollected.removeLast(cellsUncollected.count - mark.cellsUncollected)
        objectChanges.removeLast(objectChanges.count - mark.objectChanges)
        objectsUncollected.removeLast(objectsUncollected.count - mark.objectsUncollected)
        effects.truncate(to: mark.effects)
    }

    /// Makes everything since the last adoption permanent: marks taken before are void.
    public func adopt() {
        cellJournal.removeAll(keepingCapacity: true)
        objectJournal.removeAll(keepingCapacity: true)
        participantJournal.removeAll(keepingCapacity: true)
        for participant in participants { participant.adopted() }
    }

    // MARK: Blocks

    /// Begins a block: its writes carry its height.
    public func beginBlock(_ context: BlockContext) {
        precondition(
            cellChanges.isEmpty && objectChanges.isEmpty, "the block before was not ended")
        // What it wrote would never be collected for the store.
        precondition(
            context.height > heightCollected || context.height == 0,
            "block \(context.height) comes after \(heightCollected) was collected")
        block = context
    }

    /// Ends the block and gives what it changed, sorted by key.
    public func endBlock() -> StateChanges {
        for participant in participants { participant.blockEnds() }
        adopt()
        var changes = StateChanges()
        changes.cells.reserveCapacity(cellChanges.count)
        for change in cellChanges {
            let record = cells[change.slot]
            changes.cells.append(
                CellChange(
                    key: record.pointee.key, cell: record.pointee.cell, previous: change.previous))
        }
        changes.cells.sort { $0.key < $1.key }
        changes.objects = objectChanges.map {
            ObjectChange(key: $0, value: objects[$0]?.value)
        }
        changes.objects.sort { $0.key.lexicographicallyPrecedes($1.key) }
        if block.height == 0 {
            changes.keepEachKeyOnce()
            isGenesisUnwritten = true
        }
        cellChanges.removeAll(keepingCapacity: true)
        objectChanges.removeAll(keepingCapacity: true)
        trim()
        return changes
    }

    /// Gives everything changed since the last call, unsorted, for one atomic batch of the store.
    ///
    /// Between blocks only. The same changes are never given twice; they stay in memory until
    /// ``written(upTo:)`` says that the store has them.
    public func collectChanges() -> StateChanges {
        precondition(cellChanges.isEmpty && objectChanges.isEmpty, "a block is under way")
        var changes = StateChanges()
        changes.cells.reserveCapacity(cellsUncollected.count)
        for slot in cellsUncollected {
            let record = cells[slot]
            changes.cells.append(
                CellChange(key: record.pointee.key, cell: record.pointee.cell, previous: 0))
        }
        changes.objects = objectsUncollected.map {
            ObjectChange(key: $0, value: objects[$0]?.value)
        }
        cellsUncollected.removeAll(keepingCapacity: true)
        objectsUncollected.removeAll(keepingCapacity: true)
        heightCollected = block.height
        return changes
    }

    /// How many records wait to be collected.
    public var uncollectedCount: Int { cellsUncollected.count + objectsUncollected.count }

    /// How many cells are in memory.
    public var cellCount: Int { cells.count }

    /// Says that the store holds everything up to a height.
    public func written(upTo height: UInt64) {
        heightWritten = max(heightWritten, height)
        isGenesisUnwritten = false
    }

    /// Forgets what exceeds the limits of memory and can be read again; between blocks only.
    ///
    /// A block ends with it. Whoever lets readers run calls on top of a block calls it after them too.
    public func trim() {
        guard !isGenesisUnwritten else { return }
        if cells.count > cellLimit { cells.evict(limit: cellLimit, writtenUpTo: heightWritten) }
        guard objects.count > objectLimit || objectBytes > objectByteLimit else { return }
        // Half goes, so that the cost of looking at all of them is shared by many writes. Which half
        // is chance, and shows only in what must be read again.
        var excess = objects.count - objectLimit / 2
        var excessBytes = objectBytes - objectByteLimit / 2
        objects = objects.filter { _, entry in
            guard excess > 0 || excessBytes > 0, entry.touched <= heightWritten else { return true }
            excess -= 1
            excessBytes -= entry.value?.count ?? 0
            objectBytes -= entry.value?.count ?? 0
            return false
        }
    }
}
