import CCRC32C

/// CRC-32C (Castagnoli), the checksum of iSCSI and ext4, by the processor where it can.
package enum CRC32C {
    private static let isFast = dipnet_crc32c_is_fast() != 0

    /// The checksum of bytes that follow others, whose checksum is `seed`; 0 if there are none.
    static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let start = bytes.baseAddress else { return seed }
        guard isFast else { return checksumByTable(bytes, seed: seed) }
        return ~dipnet_crc32c(~seed, start.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    /// The checksum of bytes.
    package static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0, seed: seed) }
    }

    /// The same without the processor's help, eight bytes at a step.
    static func checksumByTable(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            guard let table = tables.baseAddress, var next = bytes.baseAddress else { return seed }
            var crc = ~seed
            var left = bytes.count
            while left >= 8 {
                let word =
                    UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
                // Two lookups in flight at once for each half keep the loads independent.
                crc =
                    table[7 * 256 + Int(word & 0xff)] ^ table[6 * 256 + Int(word >> 8 & 0xff)]
                    ^ table[5 * 256 + Int(word >> 16 & 0xff)]
                    ^ table[4 * 256 + Int(word >> 24 & 0xff)]
                    ^ table[3 * 256 + Int(word >> 32 & 0xff)]
                    ^ table[2 * 256 + Int(word >> 40 & 0xff)]
                    ^ table[1 * 256 + Int(word >> 48 & 0xff)] ^ table[Int(word >> 56)]
                next += 8
                left -= 8
            }
            while left > 0 {
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(next.load(as: UInt8.self))) & 0xff)]
                next += 1
                left -= 1
            }
            return ~crc
        }
    }

    /// `tables[k * 256 + b]`: what byte b does when k bytes follow it in the same step.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
            tables[byte] = crc
        }
        for index in 256..<(8 * 256) {
            let before = tables[index - 256]
            tables[index] = before >> 8 ^ tables[Int(before & 0xff)]
        }
        return tables
    }()
}
