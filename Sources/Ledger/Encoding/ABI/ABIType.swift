/// A type of Ethereum's ABI, for tools that learn it only when they run.
public indirect enum ABIType: Hashable, Sendable {
    /// `uint8` to `uint256`, by the number of bits.
    case uint(Int)
    /// `int8` to `int256`, by the number of bits.
    case int(Int)
    /// `address`.
    case address
    /// `bool`.
    case bool
    /// `bytes1` to `bytes32`, by the number of bytes.
    case fixedBytes(Int)
    /// `bytes`.
    case bytes
    /// `string`.
    case string
    /// `T[]`, or `T[k]` where a count is given.
    case array(ABIType, count: Int?)
    /// `(T1,T2,…)`.
    case tuple([ABIType])

    /// How deep arrays and tuples may be nested.
    public static let maximumDepth = 16
    /// How many words a type's head may have.
    public static let maximumWords = 1 << 16

    /// Reads a type's canonical name, like `(uint256,address[])[2]`; `uint` and `int` stand for 256 bits.
    ///
    /// - Parameter text: without spaces and without members' names.
    /// - Returns: the type.
    /// - Throws: ``DecodingFault`` where the text is none, or one that is nested too deep, has too large
    ///   a head, or an array of no elements or a tuple of no members.
    public static func parse(_ text: String) throws(DecodingFault) -> ABIType {
        var parser = ABITypeParser(text)
        let type = try parser.type(depth: maximumDepth)
        try parser.finish()
        return type
    }

    /// Reads the types of a signature's arguments, like `transfer(address,uint256)`.
    ///
    /// - Returns: no types for empty brackets.
    /// - Throws: ``DecodingFault`` as for a type.
    public static func arguments(of signature: String) throws(DecodingFault) -> [ABIType] {
        guard let open = signature.firstIndex(of: "(") else {
            throw DecodingFault("a signature has its arguments in brackets")
        }
        let brackets = String(signature[open...])
        if brackets == "()" { return [] }
        guard case .tuple(let types) = try parse(brackets) else {
            throw DecodingFault("a signature ends with its arguments in brackets")
        }
        return types
    }

    /// Whether a value stands in a tail.
    public var isDynamic: Bool {
        switch self {
        case .uint, .int, .address, .bool, .fixedBytes: false
        case .bytes, .string: true
        case .array(let element, let count): count == nil || element.isDynamic
        case .tuple(let members): members.contains(where: \.isDynamic)
        }
    }

    /// How many words a value's own head has.
    var words: Int {
        switch self {
        case .array(let element, let count?): element.wordsInHead * count
        case .tuple(let members): members.reduce(0) { $0 + $1.wordsInHead }
        default: 1
        }
    }

    /// How many words a value takes in the head of what holds it.
    var wordsInHead: Int { isDynamic ? 1 : words }
}

extension ABIType: CustomStringConvertible {
    /// The canonical name.
    public var description: String {
        switch self {
        case .uint(let bits): "uint\(bits)"
        case .int(let bits): "int\(bits)"
        case .address: "address"
        case .bool: "bool"
        case .fixedBytes(let count): "bytes\(count)"
        case .bytes: "bytes"
        case .string: "string"
        case .array(let element, let count): "\(element)[\(count.map { String($0) } ?? "")]"
        case .tuple(let members): "(" + members.map(\.description).joined(separator: ",") + ")"
        }
    }
}

/// Reads canonical type names.
private struct ABITypeParser {
    private let text: [UInt8]
    private var position = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func type(depth: Int) throws(DecodingFault) -> ABIType {
        guard depth > 0 else { throw fault("a type is nested too deep") }
        var type = next == UInt8(ascii: "(") ? try tuple(depth) : try elementary()
        var depthLeft = depth - 1
        while next == UInt8(ascii: "[") {
            guard depthLeft > 0 else { throw fault("a type is nested too deep") }
            depthLeft -= 1
            position += 1
            let count = try digits()
            guard count != 0 else { throw fault("an array has one element or more") }
            try expect("]")
            // Checked before it is multiplied, so that nothing overflows.
            guard (count ?? 1) <= ABIType.maximumWords / type.wordsInHead else {
                throw fault("a type's head is too large")
            }
            type = .array(type, count: count)
        }
        return type
    }

    func finish() throws(DecodingFault) {
        guard next == nil else { throw fault("a type ends here") }
    }

    private mutating func tuple(_ depth: Int) throws(DecodingFault) -> ABIType {
        var members: [ABIType] = []
        var words = 0
        repeat {
            position += 1
            let member = try type(depth: depth - 1)
            words += member.wordsInHead
            guard words <= ABIType.maximumWords else { throw fault("a type's head is too large") }
            members.append(member)
        } while next == UInt8(ascii: ",")
        try expect(")")
        return .tuple(members)
    }

    private mutating func elementary() throws(DecodingFault) -> ABIType {
        let start = position
        while let character = next, (0x61...0x7a).contains(character) { position += 1 }
        let name = String(decoding: text[start..<position], as: UTF8.self)
        let size = try digits()
        switch (name, size) {
        case ("address", nil): return .address
        case ("bool", nil): return .bool
        case ("string", nil): return .string
        case ("bytes", nil): return .bytes
        case ("bytes", let count?) where (1...32).contains(count): return .fixedBytes(count)
        case ("uint", nil): return .uint(256)
        case ("int", nil): return .int(256)
        case ("uint", let bits?) where (8...256).contains(bits) && bits % 8 == 0:
            return .uint(bits)
        case ("int", let bits?) where (8...256).contains(bits) && bits % 8 == 0: return .int(bits)
        default: throw DecodingFault("no type of the ABI is called so", at: start)
        }
    }

    /// A number of at most five digits without leading zeros, or nil where there is no digit.
    private mutating func digits() throws(DecodingFault) -> Int? {
        let start = position
        var number = 0
        while let character = next, (0x30...0x39).contains(character) {
            number = number * 10 + Int(character - 0x30)
            position += 1
            guard position - start <= 5 else { throw fault("a number is too large") }
        }
        guard position > start else { return nil }
        guard text[start] != 0x30 || position == start + 1 else {
            throw fault("a number has leading zeros")
        }
        return number
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(DecodingFault) {
        guard next == UInt8(ascii: character) else { throw fault("'\(character)' is expected") }
        position += 1
    }

    private func fault(_ problem: String) -> DecodingFault { DecodingFault(problem, at: position) }
}
