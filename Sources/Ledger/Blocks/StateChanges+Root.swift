extension StateChanges {
    /// The Merkle root over the changes, which must be sorted by key.
    ///
    /// A cell's leaf is its stored key and its stored value, without the height; an object's is its key
    /// behind a length, then 1 and its value, or 0 where it was removed.
    public func merkleRoot() -> Hash32 {
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
        for change in objects {
            var writer = ByteWriter(capacity: change.key.count + (change.value?.count ?? 0) + 5)
            writer.write(counted: change.key)
            writer.write(byte: change.value == nil ? 0 : 1)
            writer.write(raw: change.value ?? [])
            leaves.append(MerkleTree.leaf(writer.bytes))
        }
        return MerkleTree.root(of: leaves)
    }
}
