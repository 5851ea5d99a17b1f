/// Signatures of enough banks under one header: the block is the ledger's at its height.
public struct Certificate: Hashable, Sendable {
    /// The longest encoding in bytes.
    public static let byteCountMax = 43 + 65 * BankSet.banksMax

    /// The block's height.
    public let height: UInt64
    /// The hash of its header.
    public let header: Hash32
    /// The signatures, sorted by their signers' accounts; unchecked until ``verify(chainID:set:)``.
    public let signatures: [Signature]

    /// Takes signatures as they came, in the order of their signers' accounts.
    public init(height: UInt64, header: Hash32, signatures: [Signature]) {
        self.height = height
        self.header = header
        self.signatures = signatures
    }

    /// Puts votes for one header together.
    ///
    /// - Parameters:
    ///   - height: the block's height.
    ///   - header: the hash of its header.
    ///   - votes: who signed and how, each signer once, in any order.
    public init(
        height: UInt64, header: Hash32, votes: [(signer: Address, signature: Signature)]
    ) {
        self.init(
            height: height, header: header,
            signatures: votes.sorted { $0.signer < $1.signer }.map(\.signature))
    }

    /// Checks that enough banks of a set have signed.
    ///
    /// - Parameters:
    ///   - chainID: the ledger's.
    ///   - set: the banks that sign this header, whose hash the header carries.
    /// - Returns: the banks that signed, in the order of the signatures.
    /// - Throws: ``CertificateFault``, the first thing that is wrong.
    @discardableResult
    public func verify(chainID: UInt64, set: BankSet) throws(CertificateFault) -> [Bank] {
        try verify(in: .headers(chainID: chainID), set: set)
    }

    /// As ``verify(chainID:set:)``, with a domain that was made once.
    @discardableResult
    public func verify(in domain: EIP712.Domain, set: BankSet) throws(CertificateFault) -> [Bank] {
        // Counted before anything is recovered, which is what costs.
        guard signatures.count >= Int(set.quorum) else {
            throw .notEnough(height: height, signatures: signatures.count, needed: set.quorum)
        }
        guard signatures.count <= set.banks.count else {
            throw .tooMany(height: height, signatures: signatures.count)
        }
        let digest = EIP712.Header(height: height, hash: header).digest(in: domain)
        var signers: [Bank] = []
        for (index, signature) in signatures.enumerated() {
            guard let account = signature.recover(digest) else {
                throw .badSignature(height: height, index: index)
            }
            guard let bank = set.bank(signing: account) else {
                throw .notABank(height: height, account: account)
            }
            // Ascending also means that nobody is counted twice.
            guard signers.last.map({ $0.nodeKey < account }) ?? true else {
                throw .outOfOrder(height: height, index: index)
            }
            signers.append(bank)
        }
        return signers
    }

    /// The encoded certificate.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 43 + 65 * signatures.count)
        writer.write(byte: 1)
        writer.write(height)
        writer.write(header)
        writer.write(UInt16(clamping: signatures.count))
        for signature in signatures { writer.write(raw: signature.bytes) }
        return writer.bytes
    }

    /// Decodes a certificate; its signatures are not checked but for their form and number.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodingFault) {
        guard bytes.count <= Self.byteCountMax else {
            throw DecodingFault("a certificate has at most \(Self.byteCountMax) bytes")
        }
        var reader = ByteReader(Array(bytes))
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("a certificate of a version that this program does not know")
        }
        height = try reader.read()
        header = try reader.readHash()
        let count = try reader.read(UInt16.self)
        guard count <= BankSet.banksMax else {
            throw DecodingFault("\(count) signatures, more than banks", at: reader.offset)
        }
        var signatures: [Signature] = []
        for _ in 0..<count { signatures.append(try reader.readSignature()) }
        try reader.finish()
        self.signatures = signatures
    }
}
