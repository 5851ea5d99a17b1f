extension StateChanges {
    /// Genesis lists a key at every write; all say the same, the value at the end.
    mutating func keepEachKeyOnce() {
        var unique: [CellChange] = []
        for change in cells where unique.last?.key != change.key { unique.append(change) }
        cells = unique
        var uniqueObjects: [ObjectChange] = []
        for change in objects where uniqueObjects.last?.key != change.key {
            uniqueObjects.append(change)
        }
        objects = uniqueObjects
    }
}
