/// Builds arguments or results in Ethereum's ABI.
///
/// The head's size is said first; each `write` then fills its next place and, for dynamic values, grows
/// the tail.
@frozen
public struct ABIWriter: Sendable {
    /// What was written so far; the places that are still to be written are zero.
    public private(set) var bytes: [UInt8]
    /// Where the head of the tuple begins, from which its offsets count.
    private var base: Int
    /// Where the next word of the head goes, and where the head ends.
    private var head: Int
    private var headEnd: Int

    /// Starts a tuple.
    ///
    /// - Parameters:
    ///   - selector: stands before the arguments of a call and of a custom error.
    ///   - words: how many words its head has: one for each argument, but for a static struct as many
    ///     as it has members.
    public init(selector: UInt32? = nil, words: Int) {
        var start = ByteWriter(capacity: 4 + 32 * words)
        if let selector { start.write(selector) }
        bytes = start.bytes
        base = bytes.count
        head = base
        headEnd = base + 32 * words
        bytes.append(contentsOf: repeatElement(0, count: 32 * words))
    }

    /// The finished bytes; every place must have been written.
    public func finish() -> [UInt8] {
        precondition(head == headEnd, "\((headEnd - head) / 32) words of the head are not written")
        return bytes
    }

    /// Writes a word.
    public mutating func write(word: Hash32) {
        precondition(head + 32 <= headEnd, "the head has no place for another word")
        bytes.withUnsafeMutableBytes { word.store(into: $0, at: head) }
        head += 32
    }

    /// Writes an unsigned integer of any width.
    public mutating func write(uint number: UInt128) { write(word: Hash32(word: number)) }

    /// Writes a sum where nil, 2^256 − 1, stands for all of it, or for no limit.
    public mutating func write(amountOrAll amount: UInt128?) {
        write(word: amount.map { Hash32(word: $0) } ?? .allOnes)
    }

    /// Writes `bytesN`, N being the number of bytes, at most 32.
    public mutating func write(fixedBytes: some Collection<UInt8>) {
        precondition(fixedBytes.count <= 32, "bytes1 to bytes32")
        let start = head
        write(word: .zero)
        bytes.replaceSubrange(start..<(start + fixedBytes.count), with: fixedBytes)
    }

    /// Writes a value of any type that has a codec.
    public mutating func write<Value: ABICodable>(_ value: Value) {
        guard Value.abiIsDynamic else {
            value.encode(to: &self)
            return
        }
        writeOffset()
        scope(words: Value.abiWords) { value.encode(to: &$0) }
    }

    /// Writes an array, `T[]`.
    public mutating func write<Element: ABICodable>(array: [Element]) {
        writeOffset()
        append(length: array.count)
        scope(words: array.count * Element.abiWordsInHead) {
            for element in array { $0.write(element) }
        }
    }

    /// Writes `bytes`.
    public mutating func write(bytes string: some Collection<UInt8>) {
        writeOffset()
        scope(words: 1) { $0.write(counted: string) }
    }

    /// Writes `string`.
    public mutating func write(string: String) { write(bytes: string.utf8) }

    /// Writes a value of a type known only now, which it must fit.
    mutating func write(_ value: ABIValue, as type: ABIType) {
        guard type.isDynamic else {
            writeContent(value, as: type)
            return
        }
        writeOffset()
        if case (.list(let values), .array(_, nil)) = (value, type) { append(length: values.count) }
        scope(words: value.words(as: type)) { $0.writeContent(value, as: type) }
    }

    private mutating func writeContent(_ value: ABIValue, as type: ABIType) {
        switch (value, type) {
        case (.number(let word), _): write(word: word)
        case (.address(let address), _): write(address)
        case (.bool(let bool), _): write(bool)
        case (.bytes(let bytes), .bytes): write(counted: bytes)
        case (.bytes(let bytes), _): write(fixedBytes: bytes)
        case (.string(let text), _): write(counted: text.utf8)
        case (.list(let values), .array(let element, _)):
            for value in values { write(value, as: element) }
        case (.list(let values), .tuple(let members)):
            for (value, member) in zip(values, members) { write(value, as: member) }
        default: preconditionFailure("the value is no \(type)")
        }
    }

    /// Writes a length and bytes, padded with zeros to whole words, as the whole of a scope.
    @usableFromInline
    mutating func write(counted string: some Collection<UInt8>) {
        write(uint: UInt128(string.count))
        precondition(head == headEnd, "a byte string has a scope of its own")
        bytes.append(contentsOf: string)
        bytes.append(contentsOf: repeatElement(0, count: (32 - string.count % 32) % 32))
    }

    /// Writes where the tail of a member begins: at the end of what there is.
    private mutating func writeOffset() { write(uint: UInt128(bytes.count - base)) }

    private mutating func append(length: Int) {
        let word = Hash32(0, 0, 0, UInt64(length))
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 32))
        bytes.withUnsafeMutableBytes { word.store(into: $0, at: start) }
    }

    /// Writes an inner tuple at the end of what there is.
    private mutating func scope(words: Int, _ body: (inout ABIWriter) -> Void) {
        let outer = (base, head, headEnd)
        base = bytes.count
        head = base
        headEnd = base + 32 * words
        bytes.append(contentsOf: repeatElement(0, count: 32 * words))
        body(&self)
        precondition(head == headEnd, "\((headEnd - head) / 32) words of a head are not written")
        (base, head, headEnd) = outer
    }
}
