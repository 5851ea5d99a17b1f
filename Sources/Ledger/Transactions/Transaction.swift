/// What an account signs: a transfer of DIP, a call of a contract, or both.
///
/// The three kinds of Ethereum that the ledger takes differ in their encoding and in how they state a
/// price; behind the encoding they are treated alike.
/// - Source: `docs/formats/transaction.md`.
public struct Transaction: Hashable, Sendable {
    /// Which of the encodings; the raw value is the type byte of EIP-2718.
    public enum Kind: UInt8, Hashable, Sendable {
        /// No type byte, the chain id in v (EIP-155).
        case legacy = 0
        /// EIP-2930.
        case accessList = 1
        /// EIP-1559.
        case dynamicFee = 2
    }

    /// The most bytes that a transaction may have, 512 KiB.
    public static let maximumBytes = 512 << 10
    /// The fewest bytes of one that can be read: a list of nine fields, none of which has a byte to spare.
    public static let minimumBytes = 10
    /// The most addresses that an access list may have.
    public static let maximumAccessListEntries = 1024
    /// The most storage keys that an access list may have, over all addresses.
    public static let maximumAccessListKeys = 4096

    /// Which encoding.
    public var kind: Kind
    /// The ledger that it is for.
    public var chainID: UInt64
    /// How many transactions the sender has had carried out before; below 2^64 − 1.
    public var nonce: UInt64
    /// The most to be paid beyond the base price, DIP units per gas; the gas price in the older kinds.
    public var maxPriorityFeePerGas: UInt128
    /// The most to be paid in all, DIP units per gas; the gas price in the older kinds.
    public var maxFeePerGas: UInt128
    /// The most gas that it may use.
    public var gasLimit: UInt64
    /// Who is called; nil asks for a contract to be created, which the executor refuses.
    public var to: Address?
    /// DIP units that go along.
    public var value: UInt128
    /// What the contract is called with; for a decoded transaction a view into its raw bytes.
    public var data: ArraySlice<UInt8>
    /// What the transaction says it will touch; carried, without effect here.
    public var accessList: [AccessListEntry]
    /// The sender's signature; nil until it is signed.
    public var signature: Signature?

    /// Makes a transaction to be signed.
    ///
    /// - Parameters:
    ///   - kind: the newest unless an old wallet needs another.
    ///   - chainID: the ledger's.
    ///   - nonce: the sender's.
    ///   - maxFeePerGas: the gas price for the older kinds.
    ///   - maxPriorityFeePerGas: 0 unless said; for the older kinds the gas price, whatever is given.
    ///   - gasLimit: the most gas.
    ///   - to: who is called.
    ///   - value: DIP units.
    ///   - data: the call.
    ///   - accessList: must be empty for the legacy kind, which cannot carry it.
    public init(
        kind: Kind = .dynamicFee, chainID: UInt64, nonce: UInt64, maxFeePerGas: UInt128,
        maxPriorityFeePerGas: UInt128 = 0, gasLimit: UInt64, to: Address?, value: UInt128 = 0,
        data: [UInt8] = [], accessList: [AccessListEntry] = []
    ) {
        precondition(
            kind != .legacy || accessList.isEmpty, "a legacy transaction has no access list")
        self.kind = kind
        self.chainID = chainID
        self.nonce = nonce
        self.maxFeePerGas = maxFeePerGas
        self.maxPriorityFeePerGas = kind == .dynamicFee ? maxPriorityFeePerGas : maxFeePerGas
        self.gasLimit = gasLimit
        self.to = to
        self.value = value
        self.data = data[...]
        self.accessList = accessList
    }

    init(decodedAs kind: Kind) {
        self.init(kind: kind, chainID: 0, nonce: 0, maxFeePerGas: 0, gasLimit: 0, to: nil)
    }

    /// What the sender signs: the Keccak-256 of ``signingPreimage``.
    public var signingHash: Hash32 { Keccak256.hash(signingPreimage) }

    /// The encoding without a signature, for a signer that hashes by itself.
    public var signingPreimage: [UInt8] {
        var writer = RLP.Writer(capacity: 256 + data.count)
        if kind != .legacy { writer.write(encoded: CollectionOfOne(kind.rawValue)) }
        writer.list { list in
            writeContent(to: &list)
            guard kind == .legacy else { return }
            // EIP-155: the chain id and two zeros stand in the signature's place.
            list.write(chainID)
            list.write(UInt64(0))
            list.write(UInt64(0))
        }
        return writer.bytes
    }

    /// The encoding with its signature, as it is sent; nil when it is not signed.
    public var raw: [UInt8]? {
        guard let signature else { return nil }
        var writer = RLP.Writer(capacity: 256 + data.count)
        if kind != .legacy { writer.write(encoded: CollectionOfOne(kind.rawValue)) }
        writer.list { list in
            writeContent(to: &list)
            if kind == .legacy {
                list.write(UInt128(chainID) * 2 + 35 + UInt128(signature.yParity))
            } else {
                list.write(signature.yParity)
            }
            list.write(number: signature.r)
            list.write(number: signature.s)
        }
        return writer.bytes
    }

    /// The Keccak-256 of ``raw``, by which everybody names the transaction; nil when it is not signed.
    public var hash: Hash32? { raw.map { Keccak256.hash($0) } }

    /// Recovers the sender; nil when it is not signed or no key fits the signature, s high included.
    public func recoverSender() -> Address? { signature?.recover(signingHash) }

    /// Signs with a key.
    /// - Returns: the bytes to be sent.
    public func sign(with key: PrivateKey, in context: SigningContext = .plain) -> [UInt8] {
        raw(with: key.sign(signingHash, in: context))
    }

    /// The bytes to be sent, with a signature that was made elsewhere.
    ///
    /// - Parameter signature: over ``signingHash``; it is not checked.
    /// - Returns: what ``raw`` gives once it is signed.
    public func raw(with signature: Signature) -> [UInt8] {
        var signed = self
        signed.signature = signature
        guard let raw = signed.raw else { preconditionFailure("signed just now") }
        return raw
    }

    /// Writes the fields that are signed, in their order, for the typed kinds with the chain id.
    private func writeContent(to writer: inout RLP.Writer) {
        if kind != .legacy { writer.write(chainID) }
        writer.write(nonce)
        if kind == .dynamicFee { writer.write(maxPriorityFeePerGas) }
        writer.write(maxFeePerGas)
        writer.write(gasLimit)
        writer.write(to)
        writer.write(value)
        writer.write(data)
        guard kind != .legacy else { return }
        writer.list { list in
            for entry in accessList {
                list.list { pair in
                    pair.write(entry.address)
                    pair.list { keys in for key in entry.keys { keys.write(key) } }
                }
            }
        }
    }

    /// As ``signingHash``, from the encoded fields that are signed.
    ///
    /// The fields before the signature stand together in the raw bytes, so that a decoded transaction is
    /// not encoded again for this.
    static func signingHash(
        kind: Kind, chainID: UInt64, content: UnsafeRawBufferPointer
    ) -> Hash32 {
        var hash = Keccak256()
        guard kind == .legacy else {
            withUnsafeBytes(of: kind.rawValue) { hash.update($0) }
            RLP.Header(content.count, isList: true).update(&hash)
            hash.update(content)
            return hash.finalize()
        }
        // EIP-155: the chain id and two zeros stand in the signature's place.
        let width = chainID < 0x80 ? 0 : (64 - chainID.leadingZeroBitCount + 7) / 8
        RLP.Header(content.count + 1 + width + 2, isList: true).update(&hash)
        hash.update(content)
        if width > 0 { RLP.Header(width, isList: false).update(&hash) }
        withUnsafeBytes(of: chainID.bigEndian) { bytes in
            // A chain id of 0 is the empty string, one below 128 is its own encoding.
            let tail = chainID == 0 ? nil : bytes.suffix(max(width, 1))
            if let tail { hash.update(UnsafeRawBufferPointer(rebasing: tail)) }
        }
        if chainID == 0 { withUnsafeBytes(of: UInt8(0x80)) { hash.update($0) } }
        withUnsafeBytes(of: UInt16(0x8080)) { hash.update($0) }
        return hash.finalize()
    }
}

/// An address and storage keys that a transaction says it will touch (EIP-2930).
public struct AccessListEntry: Hashable, Sendable {
    /// The contract.
    public var address: Address
    /// Its storage keys.
    public var keys: [Hash32]

    /// Makes an entry.
    public init(address: Address, keys: [Hash32]) {
        self.address = address
        self.keys = keys
    }
}
