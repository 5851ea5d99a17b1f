/// A value of Ethereum's ABI, for tools that learn its type only when they run; contracts use
/// ``ABICodable`` types.
public indirect enum ABIValue: Hashable, Sendable {
    /// A number; a negative one as its two's complement.
    case number(Hash32)
    /// An address.
    case address(Address)
    /// A truth value.
    case bool(Bool)
    /// `bytes`, or `bytesN` with exactly N of them.
    case bytes([UInt8])
    /// A text.
    case string(String)
    /// An array's elements or a tuple's members.
    case list([ABIValue])

    /// A number below 2^128.
    public static func uint(_ number: UInt128) -> ABIValue { .number(Hash32(word: number)) }

    /// Encodes arguments.
    ///
    /// - Parameters:
    ///   - values: the arguments.
    ///   - types: as many.
    ///   - selector: stands before them in a call.
    /// - Returns: nil where a value is not of its type.
    public static func encode(
        _ values: [ABIValue], as types: [ABIType], selector: UInt32? = nil
    ) -> [UInt8]? {
        guard ABIValue.list(values).fits(.tuple(types)) else { return nil }
        var writer = ABIWriter(selector: selector, words: ABIType.tuple(types).words)
        for (value, type) in zip(values, types) { writer.write(value, as: type) }
        return writer.finish()
    }

    /// Decodes arguments or results; only the encoding that every encoder makes, as ``ABIReader``.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public static func decode(
        _ bytes: ArraySlice<UInt8>, as types: [ABIType]
    ) throws(Rejection) -> [ABIValue] {
        var reader = ABIReader(bytes)
        var values: [ABIValue] = []
        for type in types { values.append(try reader.read(type)) }
        try reader.finish()
        return values
    }

    /// Decodes arguments or results; as for a slice.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public static func decode(
        _ bytes: [UInt8], as types: [ABIType]
    ) throws(Rejection) -> [ABIValue] {
        try decode(bytes[...], as: types)
    }

    /// Whether the value is one of a type.
    public func fits(_ type: ABIType) -> Bool {
        switch (self, type) {
        case (.number(let word), .uint(let bits)): word.isZero(above: bits)
        case (.number(let word), .int(let bits)):
            word.isZero(above: bits - 1) || word.inverted.isZero(above: bits - 1)
        case (.address, .address), (.bool, .bool), (.bytes, .bytes), (.string, .string): true
        case (.bytes(let bytes), .fixedBytes(let count)): bytes.count == count
        case (.list(let values), .array(let element, let count)):
            (count == nil || values.count == count) && values.allSatisfy { $0.fits(element) }
        case (.list(let values), .tuple(let members)):
            values.count == members.count && zip(values, members).allSatisfy { $0.fits($1) }
        default: false
        }
    }
}

extension ABIValue {
    /// How many words the scope of this value has, an array's length not among them.
    func words(as type: ABIType) -> Int {
        guard case (.list(let values), .array(let element, nil)) = (self, type) else {
            return type.words
        }
        return values.count * element.wordsInHead
    }
}

extension ABIReader {
    /// Reads a value of a type known only now.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public mutating func read(_ type: ABIType) throws(Rejection) -> ABIValue {
        guard type.isDynamic else { return try content(type) }
        var inner = try enter()
        let value = try inner.content(type)
        try leave(inner)
        return value
    }

    /// Reads a value from its own head on; its type's depth bounds the recursion.
    private mutating func content(_ type: ABIType) throws(Rejection) -> ABIValue {
        switch type {
        case .uint, .int:
            let value = ABIValue.number(try word())
            guard value.fits(type) else { throw wide("\(type)") }
            return value
        case .address: return .address(try address())
        case .bool: return .bool(try bool())
        case .fixedBytes(let count): return .bytes(Array(try fixedBytes(count)))
        case .bytes: return .bytes(Array(try counted()))
        case .string: return .string(try String(abi: &self))
        case .array(let element, nil):
            let count = try length()
            guard count <= (input.endIndex - head) / (32 * element.wordsInHead) else {
                throw fault("an array of \(count) elements is too long")
            }
            // Offsets in an array count from behind its length.
            var inner = ABIReader(input, at: head)
            let values = try inner.values(of: element, count)
            head = try inner.end()
            return .list(values)
        case .array(let element, let count?):
            return .list(try values(of: element, count))
        case .tuple(let members):
            var values: [ABIValue] = []
            for member in members { values.append(try read(member)) }
            return .list(values)
        }
    }

    private mutating func values(
        of type: ABIType, _ count: Int
    ) throws(Rejection) -> [ABIValue] {
        var values: [ABIValue] = []
        for _ in 0..<count { values.append(try read(type)) }
        return values
    }
}

extension Hash32 {
    /// Whether all bits from a place on are zero; place 0 is the lowest bit.
    fileprivate func isZero(above place: Int) -> Bool {
        let words = [parts.3, parts.2, parts.1, parts.0]
        return words.enumerated().allSatisfy { index, word in
            let low = place - 64 * index
            return low >= 64 || (low <= 0 ? word : word >> UInt64(low)) == 0
        }
    }

    fileprivate var inverted: Hash32 { Hash32(~parts.0, ~parts.1, ~parts.2, ~parts.3) }
}
