import Ledger

/// A store in memory that takes what blocks change, as the real one does, and can be looked through.
final class MemoryStore: StateSource {
    private(set) var cells: [CellKey: Cell] = [:]
    private(set) var objects: [[UInt8]: [UInt8]] = [:]
    var fault: String?

    func cell(_ key: CellKey) -> Cell? { cells[key] }
    func object(_ key: [UInt8]) -> [UInt8]? { objects[key] }

    func scan(prefix: [UInt8], _ body: ([UInt8], [UInt8]) -> Bool) {
        let found = objects.filter { $0.key.starts(with: prefix) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (key, value) in found where !body(key, value) { return }
    }

    func apply(_ changes: StateChanges) {
        for change in changes.cells { cells[change.key] = change.cell }
        for change in changes.objects { objects[change.key] = change.value }
    }

    /// The sum of all amounts in a space.
    func total(space: UInt32) -> UInt128 {
        cells.filter { $0.key.space == space }.reduce(0) { $0 + $1.value.amount }
    }
}
