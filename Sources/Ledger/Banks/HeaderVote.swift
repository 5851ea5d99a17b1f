/// What a bank's node says after it has executed a block: this is the header at this height.
public struct HeaderVote: Hashable, Sendable {
    /// The length of an encoded vote in bytes.
    public static let byteCount = 105

    /// The block's height.
    public let height: UInt64
    /// The hash of its header.
    public let header: Hash32
    /// The node key's signature over the EIP-712 message ``EIP712/Header``, unchecked.
    public let signature: Signature

    /// Takes a vote as it came.
    public init(height: UInt64, header: Hash32, signature: Signature) {
        self.height = height
        self.header = header
        self.signature = signature
    }

    /// Votes.
    ///
    /// - Parameters:
    ///   - height: the block's height.
    ///   - header: the hash of its header.
    ///   - key: the node's key.
    ///   - domain: ``EIP712/Domain/headers(chainID:)``, made once.
    ///   - context: blinded for keys that are worth it, see ``SigningContext``.
    public init(
        height: UInt64, header: Hash32, signedBy key: PrivateKey, in domain: EIP712.Domain,
        context: SigningContext = .plain
    ) {
        self.height = height
        self.header = header
        signature = EIP712.Header(height: height, hash: header)
            .sign(with: key, in: domain, context: context)
    }

    /// The account of the key that voted, nil when no key can have made the signature.
    ///
    /// - Parameter domain: ``EIP712/Domain/headers(chainID:)``, made once.
    /// - Returns: the account.
    public func signer(in domain: EIP712.Domain) -> Address? {
        EIP712.Header(height: height, hash: header).recover(signature, in: domain)
    }

    /// The account of the key that voted on the ledger with that chain id, nil when no key can have
    /// made the signature.
    public func signer(chainID: UInt64) -> Address? { signer(in: .headers(chainID: chainID)) }

    /// The encoded vote, ``byteCount`` bytes.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        encode(to: &writer)
        return writer.bytes
    }

    /// Writes the encoded vote.
    public func encode(to writer: inout ByteWriter) {
        writer.write(height)
        writer.write(header)
        writer.write(raw: signature.bytes)
    }

    /// Decodes a vote; its signature is not checked but for its form.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public init(from reader: inout ByteReader) throws(DecodingFault) {
        height = try reader.read()
        header = try reader.readHash()
        signature = try reader.readSignature()
    }

    /// Decodes a vote that is all there is.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader)
        try reader.finish()
    }
}

extension ByteReader {
    /// Reads the 65 bytes r, s, v.
    mutating func readSignature() throws(DecodingFault) -> Signature {
        let start = offset
        guard let signature = Signature(try readRaw(65)) else {
            throw DecodingFault("a signature ends with 27 or 28", at: start)
        }
        return signature
    }
}
