extension StateChanges {
    /// The Merkle root over the changes, which must be sorted by key.
    public func merkleRoot() -> Hash32 { MerkleTree.root(of: merkleLeaves()) }

    /// The leaves of the tree over the changes, in the order of their keys, cells first.
    ///
    /// A cell's leaf is its stored key and its stored value, without the height; an object's is its key
    /// behind a length, then 1 and its value, or 0 where it was removed.
    func merkleLeaves() -> [Hash32] {
        var leaves: [Hash32] = []
        leaves.reserveCapacity(cells.count + objects.count)
        withUnsafeTemporaryAllocation(byteCount: 49, alignment: 16) { buffer in
            buffer[0] = 0x01
            for change in cells {
                var parts = (
                    change.key.space.bigEndian, change.key.address.high.bigEndian,
                    change.key.address.middle.bigEndian, change.key.address.low.bigEndian,
                    change.cell.amount.bigEndian, change.cell.aux.bigEndian
                )
                buffer.storeBytes(of: parts.0, toByteOffset: 1, as: UInt32.self)
                buffer.storeBytes(of: parts.1, toByteOffset: 5, as: UInt64.self)
                buffer.storeBytes(of: parts.2, toByteOffset: 13, as: UInt64.self)
                buffer.storeBytes(of: parts.3, toByteOffset: 21, as: UInt32.self)
                withUnsafeBytes(of: &parts.4) { amount in
                    for index in 0..<16 { buffer[25 + index] = amount[index] }
                }
                buffer.storeBytes(of: parts.5, toByteOffset: 41, as: UInt64.self)
                leaves.append(MerkleTree.leaf(UnsafeRawBufferPointer(buffer)))
            }
        }
        for change in objects { leaves.append(change.merkleLeaf) }
        return leaves
    }
}

extension ObjectChange {
    /// The leaf of the tree over the changes.
    var merkleLeaf: Hash32 {
        var writer = ByteWriter(capacity: key.count + (value?.count ?? 0) + 5)
        writer.write(counted: key)
        writer.write(byte: value == nil ? 0 : 1)
        writer.write(raw: value ?? [])
        return MerkleTree.leaf(writer.bytes)
    }
}
