extension Transaction {
    /// Reads a transaction of any of the three kinds; the data stays where it is.
    ///
    /// - Parameter raw: all of the bytes, at most ``maximumBytes``; only the canonical encoding is read.
    /// - Returns: the transaction with its signature, of which the ranges were not yet checked.
    /// - Throws: ``DecodingFault`` naming the field.
    public static func decode(_ raw: ArraySlice<UInt8>) throws(DecodingFault) -> Transaction {
        do throws(TransactionFault) {
            return try Parsed(raw).transaction
        } catch .malformed(let fault) {
            throw fault
        } catch {
            throw DecodingFault(error.description)
        }
    }

    /// Reads a transaction of any of the three kinds; as for a slice.
    /// - Throws: ``DecodingFault`` naming the field.
    public static func decode(_ raw: [UInt8]) throws(DecodingFault) -> Transaction {
        try decode(raw[...])
    }

    /// A transaction, its signature, and where in the raw bytes the signed fields are.
    struct Parsed {
        private(set) var transaction: Transaction
        private(set) var signature: Signature
        /// In the indices of the slice that was read.
        private let content: Range<Int>

        init(_ raw: ArraySlice<UInt8>) throws(TransactionFault) {
            guard raw.count <= maximumBytes else { throw .tooLarge(bytes: raw.count) }
            // EIP-2718: a first byte of 0x00 to 0x7f is a type, one from 0xc0 begins a list.
            guard let first = raw.first else {
                throw .malformed(DecodingFault("there are no bytes"))
            }
            switch first {
            case 0xc0...0xff: try self.init(legacy: raw)
            case Kind.accessList.rawValue: try self.init(typed: raw, .accessList)
            case Kind.dynamicFee.rawValue: try self.init(typed: raw, .dynamicFee)
            case 0...0x7f: throw .unknownType(first)
            default: throw .malformed(DecodingFault("begins with neither a type nor a list"))
            }
        }

        private init(typed raw: ArraySlice<UInt8>, _ kind: Kind) throws(TransactionFault) {
            var fields = try TransactionReader(raw, skipping: 1)
            let start = fields.position
            transaction = Transaction(decodedAs: kind)
            transaction.chainID = try fields.uint64("chainId")
            transaction.nonce = try fields.nonce()
            if kind == .dynamicFee {
                transaction.maxPriorityFeePerGas = try fields.amount("maxPriorityFeePerGas")
                transaction.maxFeePerGas = try fields.amount("maxFeePerGas")
            } else {
                transaction.maxFeePerGas = try fields.amount("gasPrice")
                transaction.maxPriorityFeePerGas = transaction.maxFeePerGas
            }
            try transaction.readCall(&fields)
            transaction.accessList = try fields.accessList()
            content = start..<fields.position
            signature = try fields.signature(yParity: try fields.yParity())
            transaction.signature = signature
        }

        private init(legacy raw: ArraySlice<UInt8>) throws(TransactionFault) {
            var fields = try TransactionReader(raw, skipping: 0)
            let start = fields.position
            transaction = Transaction(decodedAs: .legacy)
            transaction.nonce = try fields.nonce()
            transaction.maxFeePerGas = try fields.amount("gasPrice")
            transaction.maxPriorityFeePerGas = transaction.maxFeePerGas
            try transaction.readCall(&fields)
            content = start..<fields.position
            let v = try fields.uint128("v")
            // 27 and 28 are signatures for every chain; 35 + 2 × chain id + parity binds one.
            if v == 27 || v == 28 { throw .noChainID }
            guard v >= 35, let chainID = UInt64(exactly: (v - 35) >> 1) else {
                throw fields.malformed(
                    "v must be 35 + 2 x chain id + parity", at: content.upperBound)
            }
            transaction.chainID = chainID
            signature = try fields.signature(yParity: v & 1 == 1 ? 0 : 1)
            transaction.signature = signature
        }

        /// What the sender signed, without encoding it again; `raw` is what was read, from index 0.
        func signingHash(_ raw: UnsafeRawBufferPointer) -> Hash32 {
            Transaction.signingHash(
                kind: transaction.kind, chainID: transaction.chainID,
                content: UnsafeRawBufferPointer(rebasing: raw[content]))
        }
    }

    /// Reads what all kinds have in the middle.
    private mutating func readCall(_ fields: inout TransactionReader) throws(TransactionFault) {
        gasLimit = try fields.uint64("gasLimit")
        to = try fields.to()
        value = try fields.amount("value")
        data = try fields.data()
    }
}
