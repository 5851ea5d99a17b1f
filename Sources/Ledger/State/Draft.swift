/// A place in a state's journals, to which it can be rolled back.
public struct Mark: Sendable {
    let cells: Int
    let cellChanges: Int
    let cellsUncollected: Int
    let objects: Int
    let objectChanges: Int
    let objectsUncollected: Int
    let participants: Int
    let effects: Int
}

/// A cache of decoded state (orders, say) that changes together with a ``State``.
public protocol DraftParticipant: AnyObject {
    /// Undoes the change that was journaled under this number; called in reverse order.
    func undo(_ number: Int)
    /// Everything journaled so far is permanent: what was saved for undoing can go.
    func adopted()
    /// The block ends: writes what it changed into the state's objects, in an order of its own that is
    /// the same on every machine.
    func blockEnds()
}

@usableFromInline
struct CellUndo {
    @usableFromInline let old: Cell
    @usableFromInline let slot: UInt32

    @inlinable
    init(old: Cell, slot: UInt32) {
        self.old = old
        self.slot = slot
    }
}

@usableFromInline
struct CellFirstWrite {
    @usableFromInline let previous: UInt64
    @usableFromInline let slot: UInt32

    @inlinable
    init(previous: UInt64, slot: UInt32) {
        self.previous = previous
        self.slot = slot
    }
}

struct ObjectEntry {
    var value: [UInt8]?
    var touched: UInt64
}

struct ObjectUndo {
    let key: [UInt8]
    let old: ObjectEntry
}

struct ParticipantUndo {
    let participant: Int
    let undo: Int
}
