/// Reads a transaction's fields; every fault comes as a ``TransactionFault``.
struct TransactionReader {
    private var items: RLP.Reader

    /// The index in the raw bytes of the next field.
    var position: Int { items.position }

    /// Starts at the first field of the list that `raw` must be behind its type byte, if any.
    init(_ raw: ArraySlice<UInt8>, skipping count: Int) throws(TransactionFault) {
        var outer = RLP.Reader(raw, skipping: count)
        do throws(DecodingFault) {
            items = try outer.list("the transaction")
            try outer.finish("the transaction")
        } catch { throw .malformed(error) }
    }

    mutating func uint64(_ name: StaticString) throws(TransactionFault) -> UInt64 {
        do throws(DecodingFault) {
            return try items.uint64(name)
        } catch { throw .malformed(error) }
    }

    mutating func uint128(_ name: StaticString) throws(TransactionFault) -> UInt128 {
        do throws(DecodingFault) {
            return try items.uint128(name)
        } catch { throw .malformed(error) }
    }

    /// The nonce; the highest number is refused (EIP-2681), since there would be none after it.
    mutating func nonce() throws(TransactionFault) -> UInt64 {
        let start = position
        let nonce = try uint64("nonce")
        guard nonce < .max else { throw malformed("nonce must be below 2^64 - 1", at: start) }
        return nonce
    }

    /// Money or a price: uint256 for other tools, below 2^128 here.
    mutating func amount(_ name: StaticString) throws(TransactionFault) -> UInt128 {
        let digits: Range<Int>
        do throws(DecodingFault) {
            digits = try items.number(name, maximumBytes: 32)
        } catch { throw .malformed(error) }
        guard digits.count <= 16 else { throw .amountTooLarge(field: "\(name)") }
        var value: UInt128 = 0
        for byte in items.bytes[digits] { value = value << 8 | UInt128(byte) }
        return value
    }

    mutating func to() throws(TransactionFault) -> Address? {
        do throws(DecodingFault) {
            return try items.optionalAddress("to")
        } catch { throw .malformed(error) }
    }

    /// A view of the call's bytes.
    mutating func data() throws(TransactionFault) -> ArraySlice<UInt8> {
        do throws(DecodingFault) {
            return items.bytes[try items.string("data")]
        } catch { throw .malformed(error) }
    }

    mutating func accessList() throws(TransactionFault) -> [AccessListEntry] {
        do throws(DecodingFault) {
            var list = try items.list("accessList")
            var entries: [AccessListEntry] = []
            var keysLeft = Transaction.maximumAccessListKeys
            while !list.isAtEnd {
                guard entries.count < Transaction.maximumAccessListEntries else {
                    throw DecodingFault("accessList has too many addresses", at: offset(of: list))
                }
                var pair = try list.list("an entry of accessList")
                let address = try pair.address("an address of accessList")
                var keys = try pair.list("the keys of accessList")
                var entry = AccessListEntry(address: address, keys: [])
                while !keys.isAtEnd {
                    guard keysLeft > 0 else {
                        throw DecodingFault("accessList has too many keys", at: offset(of: keys))
                    }
                    keysLeft -= 1
                    entry.keys.append(try keys.hash("a key of accessList"))
                }
                try pair.finish("an entry of accessList")
                entries.append(entry)
            }
            return entries
        } catch { throw .malformed(error) }
    }

    mutating func yParity() throws(TransactionFault) -> UInt8 {
        let start = position
        let parity = try uint64("yParity")
        guard parity <= 1 else { throw malformed("yParity must be 0 or 1", at: start) }
        return UInt8(parity)
    }

    /// The last two fields; the ranges of r and s are not checked here.
    mutating func signature(yParity: UInt8) throws(TransactionFault) -> Signature {
        do throws(DecodingFault) {
            let signature = Signature(
                r: try items.uint256("r"), s: try items.uint256("s"), yParity: yParity)
            try items.finish("s")
            return signature
        } catch { throw .malformed(error) }
    }

    /// A fault in the field that begins at an index.
    func malformed(_ problem: String, at index: Int) -> TransactionFault {
        .malformed(DecodingFault(problem, at: index - items.bytes.startIndex))
    }

    private func offset(of reader: RLP.Reader) -> Int {
        reader.position - reader.bytes.startIndex
    }
}
