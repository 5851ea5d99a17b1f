extension ABIReader {
    /// Reads any word: `bytes32`, or `uint256` unchecked.
    /// - Throws: ``Rejection/badCalldata(_:)`` where fewer than 32 bytes are left.
    @inlinable
    public mutating func word() throws(Rejection) -> Hash32 {
        guard input.endIndex - head >= 32 else { throw fault("truncated") }
        let offset = head - input.startIndex
        defer { head += 32 }
        return input.withUnsafeBytes { Hash32(loadingFrom: $0, at: offset) }
    }

    /// Reads `address`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for bits beyond 160.
    @inlinable
    public mutating func address() throws(Rejection) -> Address {
        guard let address = try word().address else { throw wide("an address") }
        return address
    }

    /// Reads `bool`.
    /// - Throws: ``Rejection/badCalldata(_:)`` for anything but 0 and 1.
    @inlinable
    public mutating func bool() throws(Rejection) -> Bool {
        let word = try word()
        guard let number = word.number, number <= 1 else { throw wide("a bool") }
        return number == 1
    }

    /// Reads `uint8` to `uint64`, by the type that is wanted.
    /// - Throws: ``Rejection/badCalldata(_:)`` for more bits.
    @inlinable
    public mutating func uint<T: FixedWidthInteger & UnsignedInteger>(
        _ type: T.Type = T.self
    ) throws(Rejection) -> T {
        guard let number = try word().number, let value = T(exactly: number) else {
            throw wide("a uint")
        }
        return value
    }

    /// Reads a sum: `uint256`, below 2^128.
    /// - Throws: ``Rejection/amountTooLarge(_:)`` from 2^128 on.
    @inlinable
    public mutating func amount() throws(Rejection) -> UInt128 {
        let word = try word()
        guard let amount = word.number else { throw .amountTooLarge(word) }
        return amount
    }

    /// Reads a sum where 2^256 − 1 stands for all of it, or for no limit.
    /// - Returns: nil for 2^256 − 1.
    /// - Throws: ``Rejection/amountTooLarge(_:)`` for anything else from 2^128 on.
    @inlinable
    public mutating func amountOrAll() throws(Rejection) -> UInt128? {
        let word = try word()
        if word == .allOnes { return nil }
        guard let amount = word.number else { throw .amountTooLarge(word) }
        return amount
    }

    /// Reads `bytesN` for N below 32, given in the first N bytes.
    /// - Throws: ``Rejection/badCalldata(_:)`` where one of the others is not zero.
    public mutating func fixedBytes(_ count: Int) throws(Rejection) -> ArraySlice<UInt8> {
        precondition(count > 0 && count <= 32, "bytes1 to bytes32")
        let start = head
        _ = try word()
        for index in (start + count)..<head where input[index] != 0 { throw wide("bytes\(count)") }
        return input[start..<(start + count)]
    }

    /// A fault in the word just read.
    @usableFromInline
    func wide(_ type: String) -> Rejection {
        .badCalldata(
            "\(type) has bits that are not its own (at byte \(head - 32 - input.startIndex))")
    }
}
