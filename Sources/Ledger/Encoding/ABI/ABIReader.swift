/// Reads arguments in Ethereum's ABI, front to back.
///
/// Only the encoding that every encoder makes is read: tails in the order of their heads, without gaps,
/// overlaps or bytes behind the last; unused bits and padding zero. So each byte is read once, memory
/// is bounded by the input, and equal arguments have equal bytes. Nothing is copied but what is
/// returned as an array or text.
@frozen
public struct ABIReader: Sendable {
    /// The bytes that are read.
    public let input: ArraySlice<UInt8>
    /// Where the head of the tuple begins, from which its offsets count.
    @usableFromInline let base: Int
    /// Where the next word of the head is.
    @usableFromInline var head: Int
    /// Where the first tail of the tuple begins, which is where its head must end; -1 until met.
    @usableFromInline var firstTail = -1
    /// Where the next tail must begin, once there is one.
    @usableFromInline var tail = 0

    /// Starts at the first byte of the arguments, behind the selector.
    @inlinable
    public init(_ arguments: ArraySlice<UInt8>) {
        self.init(arguments, at: arguments.startIndex)
    }

    /// Starts at the first byte of the arguments, behind the selector.
    @inlinable
    public init(_ arguments: [UInt8]) { self.init(arguments[...]) }

    @inlinable
    init(_ input: ArraySlice<UInt8>, at base: Int) {
        self.input = input
        self.base = base
        head = base
    }

    /// Reads a value of any type that has a codec.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    @inlinable
    public mutating func read<Value: ABICodable>(
        _ type: Value.Type = Value.self
    ) throws(Rejection) -> Value {
        guard Value.abiIsDynamic else { return try Value(abi: &self) }
        var inner = try enter()
        let value = try Value(abi: &inner)
        try leave(inner)
        return value
    }

    /// Reads an array, `T[]`.
    ///
    /// - Parameters:
    ///   - type: of the elements.
    ///   - limit: the most that there may be; the input bounds them in any case.
    /// - Returns: the elements.
    /// - Throws: ``Rejection/badCalldata(_:)`` also for more.
    @inlinable
    public mutating func array<Element: ABICodable>(
        of type: Element.Type = Element.self, atMost limit: Int = .max
    ) throws(Rejection) -> [Element] {
        var inner = try enter()
        let values = try inner.elements(of: type, atMost: limit)
        try leave(inner)
        return values
    }

    /// Reads `bytes`.
    /// - Returns: a view into the input.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    @inlinable
    public mutating func bytes() throws(Rejection) -> ArraySlice<UInt8> {
        var inner = try enter()
        let bytes = try inner.counted()
        try leave(inner)
        return bytes
    }

    /// Reads `string`.
    /// - Throws: ``Rejection/badCalldata(_:)`` also for what is not UTF-8.
    public mutating func string() throws(Rejection) -> String { try read() }

    /// Checks that every byte was read.
    /// - Throws: ``Rejection/badCalldata(_:)`` for bytes too many.
    @inlinable
    public func finish() throws(Rejection) {
        guard try end() == input.endIndex else { throw fault("bytes too many") }
    }

    // Below: what is read from a value's own head; only codecs call it.

    /// The elements of an array, from its length on.
    @inlinable
    mutating func elements<Element: ABICodable>(
        of type: Element.Type, atMost limit: Int
    ) throws(Rejection) -> [Element] {
        let count = try length()
        // Each element has a word or more in the head, so that the input bounds the memory.
        guard count <= limit, count <= (input.endIndex - head) / (32 * Element.abiWordsInHead)
        else {
            throw fault("an array of \(count) elements is too long")
        }
        // Offsets in an array count from behind its length.
        var inner = ABIReader(input, at: head)
        var values: [Element] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try inner.read()) }
        head = try inner.end()
        return values
    }

    /// A length and so many bytes, padded with zeros to whole words.
    @inlinable
    mutating func counted() throws(Rejection) -> ArraySlice<UInt8> {
        let count = try length()
        guard count <= input.endIndex - head else { throw fault("truncated") }
        let end = head + count
        let padded = head + (count + 31) / 32 * 32
        guard padded <= input.endIndex else { throw fault("truncated") }
        for index in end..<padded where input[index] != 0 { throw fault("padding is not zero") }
        defer { head = padded }
        return input[head..<end]
    }

    /// A length or offset: a word that must fit 31 bits.
    @inlinable
    mutating func length() throws(Rejection) -> Int {
        let word = try word()
        guard let number = word.number, number <= UInt128(Int32.max) else {
            throw fault("a length or offset is too large")
        }
        return Int(number)
    }

    /// Follows the next offset, which must lead to where the last tail ended.
    @inlinable
    mutating func enter() throws(Rejection) -> ABIReader {
        let target = base + (try length())
        if firstTail < 0 {
            firstTail = target
            tail = target
        }
        guard target == tail, target >= head, target <= input.endIndex else {
            throw fault("an offset is not in order")
        }
        return ABIReader(input, at: target)
    }

    /// Goes on behind a tail.
    @inlinable
    mutating func leave(_ inner: ABIReader) throws(Rejection) { tail = try inner.end() }

    /// Where this tuple ends, its tails included.
    @inlinable
    func end() throws(Rejection) -> Int {
        guard firstTail >= 0 else { return head }
        guard firstTail == head else { throw fault("an offset is not in order") }
        return tail
    }

    /// A fault at the next word of the head.
    @usableFromInline
    func fault(_ problem: String) -> Rejection {
        .badCalldata("\(problem) (at byte \(head - input.startIndex))")
    }
}
