extension RLP {
    /// Builds RLP.
    @frozen
    public struct Writer: Sendable {
        /// What was written so far.
        public private(set) var bytes: [UInt8] = []

        /// Makes an empty writer with room for so many bytes.
        public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

        /// Writes a byte string.
        public mutating func write(_ string: some Collection<UInt8>) {
            if string.count == 1, let byte = string.first, byte < 0x80 {
                bytes.append(byte)
                return
            }
            Header(string.count, isList: false).append(to: &bytes)
            bytes.append(contentsOf: string)
        }

        /// Writes a number: its big-endian bytes without leading zeros.
        public mutating func write<T: FixedWidthInteger & UnsignedInteger>(_ number: T) {
            withUnsafeBytes(of: number.bigEndian) { write($0.drop { $0 == 0 }) }
        }

        /// Writes a number of up to 256 bits.
        public mutating func write(number: Hash32) {
            withScratch(32) { _, buffer in
                number.store(into: buffer)
                write(buffer.drop { $0 == 0 })
            }
        }

        /// Writes 32 bytes.
        public mutating func write(_ hash: Hash32) {
            withScratch(32) { _, buffer in
                hash.store(into: buffer)
                write(buffer)
            }
        }

        /// Writes 20 bytes, or none for nil.
        public mutating func write(_ address: Address?) {
            if let address { write(address.bytes) } else { bytes.append(0x80) }
        }

        /// Writes a list of what `body` writes.
        public mutating func list(_ body: (inout Writer) -> Void) {
            let start = bytes.count
            body(&self)
            let header = Header(bytes.count - start, isList: true)
            withUnsafeBytes(of: header.storage.bigEndian) {
                bytes.insert(contentsOf: $0.suffix(header.count), at: start)
            }
        }

        /// Writes items that are encoded already.
        public mutating func write(encoded: some Collection<UInt8>) {
            bytes.append(contentsOf: encoded)
        }

        /// Writes a value of any shape.
        public mutating func write(_ value: Value) {
            switch value {
            case .bytes(let string): write(string)
            case .list(let values): list { for value in values { $0.write(value) } }
            }
        }
    }

    /// What stands before a payload: one to nine bytes, in the low end of an integer.
    struct Header {
        var storage: UInt128
        var count: Int

        init(_ length: Int, isList: Bool) {
            let base: UInt8 = isList ? 0xc0 : 0x80
            if length <= 55 {
                storage = UInt128(base + UInt8(length))
                count = 1
            } else {
                let width = (64 - length.leadingZeroBitCount + 7) / 8
                storage = UInt128(base + 55 + UInt8(width)) << UInt128(width * 8) | UInt128(length)
                count = 1 + width
            }
        }

        func append(to bytes: inout [UInt8]) {
            withUnsafeBytes(of: storage.bigEndian) { bytes.append(contentsOf: $0.suffix(count)) }
        }

        func update(_ hash: inout Keccak256) {
            withUnsafeBytes(of: storage.bigEndian) {
                hash.update(UnsafeRawBufferPointer(rebasing: $0.suffix(count)))
            }
        }
    }
}
