import Ledger

/// What stands in a snapshot of the log in the place of the entries before it: the block that they led to.
package struct StateMarker: Equatable, Sendable {
    /// The block's height.
    package let height: UInt64
    /// The hash of its header.
    package let header: Hash32

    /// Names a block.
    package init(height: UInt64, header: Hash32) {
        self.height = height
        self.header = header
    }

    /// Reads what ``bytes`` gave; nil if that is something else, as a peer may send.
    package init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == 40, let height: UInt64 = try? reader.read(),
            let header = try? reader.readHash()
        else { return nil }
        self.init(height: height, header: header)
    }

    /// Height 8, header hash 32.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 40)
        writer.write(height)
        writer.write(header)
        return writer.bytes
    }
}
