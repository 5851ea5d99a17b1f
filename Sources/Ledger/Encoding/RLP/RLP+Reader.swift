extension RLP {
    /// Takes items off the front of bytes; gives views into them, never copies.
    ///
    /// A list is read by a reader of its own, which ends where the list ends. Each method takes the name
    /// of what is read, for the fault's text.
    @frozen
    public struct Reader: Sendable {
        /// The bytes that are read.
        public let bytes: ArraySlice<UInt8>
        /// The index in `bytes` of the next item.
        public private(set) var position: Int
        /// The index behind the last byte of this list.
        public let end: Int

        /// Starts at the first byte, or behind so many bytes of another kind; faults count from the
        /// first byte either way.
        public init(_ bytes: ArraySlice<UInt8>, skipping count: Int = 0) {
            precondition(count >= 0 && count <= bytes.count, "there are fewer bytes to skip")
            self.bytes = bytes
            position = bytes.startIndex + count
            end = bytes.endIndex
        }

        private init(_ bytes: ArraySlice<UInt8>, _ range: Range<Int>) {
            self.bytes = bytes
            position = range.lowerBound
            end = range.upperBound
        }

        /// Whether nothing is left.
        public var isAtEnd: Bool { position == end }

        /// Reads the next item, whatever it is.
        /// - Throws: ``DecodingFault`` where there is none, it is cut off, or its header is not the
        ///   shortest one.
        public mutating func next(_ name: StaticString) throws(DecodingFault) -> Item {
            guard position < end else { throw fault(name, "is missing") }
            let first = bytes[position]
            if first < 0x80 {
                position += 1
                return Item(isList: false, payload: (position - 1)..<position)
            }
            let isList = first >= 0xc0
            let short = Int(first & 0x3f)
            var start = position + 1
            var count = short
            if short > 55 {
                let width = short - 55
                guard width <= end - start else { throw fault(name, "is cut off") }
                guard bytes[start] != 0 else {
                    throw fault(name, "has a length with leading zeros")
                }
                var length: UInt64 = 0
                for index in start..<(start + width) { length = length << 8 | UInt64(bytes[index]) }
                guard length > 55 else { throw fault(name, "has a long header for a short length") }
                start += width
                guard length <= UInt64(end - start) else { throw fault(name, "is cut off") }
                count = Int(length)
            }
            guard count <= end - start else { throw fault(name, "is cut off") }
            if !isList, count == 1, bytes[start] < 0x80 {
                throw fault(name, "is one small byte and has a header")
            }
            position = start + count
            return Item(isList: isList, payload: start..<position)
        }

        /// Reads a list.
        /// - Returns: a reader of its items.
        /// - Throws: ``DecodingFault`` also where a byte string stands.
        public mutating func list(_ name: StaticString) throws(DecodingFault) -> Reader {
            let start = position
            let item = try next(name)
            guard item.isList else { throw fault(name, "must be a list", at: start) }
            return Reader(bytes, item.payload)
        }

        /// Reads a byte string.
        /// - Returns: its indices in ``bytes``.
        /// - Throws: ``DecodingFault`` also where a list stands.
        public mutating func string(_ name: StaticString) throws(DecodingFault) -> Range<Int> {
            let start = position
            let item = try next(name)
            guard !item.isList else { throw fault(name, "must not be a list", at: start) }
            return item.payload
        }

        /// Reads the bytes of a number of at most so many bytes.
        /// - Throws: ``DecodingFault`` also for leading zeros or more bytes.
        public mutating func number(
            _ name: StaticString, maximumBytes: Int
        ) throws(DecodingFault) -> Range<Int> {
            let start = position
            let payload = try string(name)
            if let first = payload.first, bytes[first] == 0 {
                throw fault(name, "is a number with leading zeros", at: start)
            }
            guard payload.count <= maximumBytes else {
                throw fault(name, "does not fit \(maximumBytes * 8) bits", at: start)
            }
            return payload
        }

        /// Reads a number below 2^64.
        /// - Throws: ``DecodingFault`` also for leading zeros.
        public mutating func uint64(_ name: StaticString) throws(DecodingFault) -> UInt64 {
            var value: UInt64 = 0
            for byte in bytes[try number(name, maximumBytes: 8)] {
                value = value << 8 | UInt64(byte)
            }
            return value
        }

        /// Reads a number below 2^128.
        /// - Throws: ``DecodingFault`` also for leading zeros.
        public mutating func uint128(_ name: StaticString) throws(DecodingFault) -> UInt128 {
            var value: UInt128 = 0
            for byte in bytes[try number(name, maximumBytes: 16)] {
                value = value << 8 | UInt128(byte)
            }
            return value
        }

        /// Reads a number below 2^256.
        /// - Throws: ``DecodingFault`` also for leading zeros.
        public mutating func uint256(_ name: StaticString) throws(DecodingFault) -> Hash32 {
            let payload = try number(name, maximumBytes: 32)
            var parts: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            var index = 32 - payload.count
            for byte in bytes[payload] {
                switch index >> 3 {
                case 0: parts.0 = parts.0 << 8 | UInt64(byte)
                case 1: parts.1 = parts.1 << 8 | UInt64(byte)
                case 2: parts.2 = parts.2 << 8 | UInt64(byte)
                default: parts.3 = parts.3 << 8 | UInt64(byte)
                }
                index += 1
            }
            return Hash32(parts.0, parts.1, parts.2, parts.3)
        }

        /// Reads exactly 32 bytes.
        /// - Throws: ``DecodingFault`` also for another length.
        public mutating func hash(_ name: StaticString) throws(DecodingFault) -> Hash32 {
            let start = position
            guard let hash = Hash32(bytes[try string(name)]) else {
                throw fault(name, "must have 32 bytes", at: start)
            }
            return hash
        }

        /// Reads exactly 20 bytes.
        /// - Throws: ``DecodingFault`` also for another length.
        public mutating func address(_ name: StaticString) throws(DecodingFault) -> Address {
            let start = position
            guard let address = Address(bytes[try string(name)]) else {
                throw fault(name, "must have 20 bytes", at: start)
            }
            return address
        }

        /// Reads 20 bytes or none.
        /// - Returns: nil for none.
        /// - Throws: ``DecodingFault`` also for another length.
        public mutating func optionalAddress(
            _ name: StaticString
        ) throws(DecodingFault) -> Address? {
            if position < end, bytes[position] == 0x80 {
                position += 1
                return nil
            }
            return try address(name)
        }

        /// Checks that nothing is left.
        /// - Throws: ``DecodingFault`` naming what was to end here.
        public func finish(_ name: StaticString) throws(DecodingFault) {
            guard position == end else {
                throw fault(name, "is followed by \(end - position) bytes too many")
            }
        }

        /// Reads one value of any shape; `depth` bounds the recursion.
        mutating func value(depth: Int) throws(DecodingFault) -> Value {
            guard depth > 0 else { throw fault("the value", "is nested too deep") }
            let item = try next("an item")
            guard item.isList else { return .bytes(Array(bytes[item.payload])) }
            var items = Reader(bytes, item.payload)
            var values: [Value] = []
            while !items.isAtEnd { values.append(try items.value(depth: depth - 1)) }
            return .list(values)
        }

        private func fault(
            _ name: StaticString, _ problem: String, at index: Int? = nil
        ) -> DecodingFault {
            DecodingFault("\(name) \(problem)", at: (index ?? position) - bytes.startIndex)
        }
    }
}
