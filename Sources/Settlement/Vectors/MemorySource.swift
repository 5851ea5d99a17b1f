import Ledger

/// A store in memory, as complete as a real one, for tests and for playing vectors.
public final class MemorySource: StateSource {
    private var cells: [CellKey: Cell] = [:]
    private var objects: [[UInt8]: [UInt8]] = [:]

    /// Makes an empty store.
    public init() {}

    /// Takes over what blocks changed.
    public func write(_ changes: StateChanges) {
        for change in changes.cells { cells[change.key] = change.cell }
        for change in changes.objects { objects[change.key] = change.value }
    }

    /// The stored cell, nil if none was ever written.
    public func cell(_ key: CellKey) -> Cell? { cells[key] }
    /// The stored object, nil if there is none.
    public func object(_ key: [UInt8]) -> [UInt8]? { objects[key] }
    /// Calls `body` with each object under a prefix, in byte order, until it answers false.
    public func scan(prefix: [UInt8], _ body: ([UInt8], [UInt8]) -> Bool) {
        let found = objects.keys.filter { $0.starts(with: prefix) }
        for key in found.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            guard let value = objects[key], body(key, value) else { return }
        }
    }
    /// No fault.
    public var fault: String? { nil }

    /// Everything stored: equal exactly if the states are.
    ///
    /// Heights of last writes are left out.
    public var contents: [[UInt8]: [UInt8]] {
        var all = objects
        // Any order: it makes a dictionary again.
        cells.forEach { (key, cell) in
            guard cell.amount > 0 || cell.aux > 0 else { return }
            var writer = ByteWriter()
            writer.write(cell.amount)
            writer.write(cell.aux)
            all[key.bytes] = writer.bytes
        }
        return all
    }
}
