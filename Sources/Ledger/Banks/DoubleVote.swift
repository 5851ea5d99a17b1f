/// Proof that a key signed two headers of one height: its bank told different things to different banks.
///
/// Anybody can check it, for nobody else can have made the signatures.
public struct DoubleVote: Hashable, Sendable {
    /// The length of encoded evidence in bytes.
    public static let byteCount = 1 + 2 * HeaderVote.byteCount

    /// The vote for the header with the lower hash.
    public let first: HeaderVote
    /// The vote for the other header.
    public let second: HeaderVote

    /// Puts two votes in order; ``signer(chainID:)`` says whether they convict anybody.
    public init(_ one: HeaderVote, _ other: HeaderVote) {
        let inOrder = one.header <= other.header
        first = inOrder ? one : other
        second = inOrder ? other : one
    }

    /// The account of the key that is convicted.
    ///
    /// Whose key it was is for the set of banks at that height to say.
    ///
    /// - Parameter chainID: the ledger's.
    /// - Returns: the account of the key that signed both.
    /// - Throws: ``DoubleVoteFault`` if the votes convict nobody.
    public func signer(chainID: UInt64) throws(DoubleVoteFault) -> Address {
        guard first.height == second.height else {
            throw .differentHeights(first.height, second.height)
        }
        guard first.header != second.header else { throw .sameHeader }
        guard first.header < second.header else { throw .outOfOrder }
        let domain = EIP712.Domain.headers(chainID: chainID)
        guard let account = first.signer(in: domain), let other = second.signer(in: domain) else {
            throw .badSignature
        }
        guard account == other else { throw .differentSigners(account, other) }
        return account
    }

    /// The encoded evidence, ``byteCount`` bytes.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.write(byte: 1)
        first.encode(to: &writer)
        second.encode(to: &writer)
        return writer.bytes
    }

    /// Decodes evidence, unchecked.
    ///
    /// - Source: `docs/formats/certificate.md`.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("evidence of a version that this program does not know")
        }
        first = try HeaderVote(from: &reader)
        second = try HeaderVote(from: &reader)
        try reader.finish()
    }
}

/// Why two votes convict nobody.
public enum DoubleVoteFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The votes are about different heights.
    case differentHeights(UInt64, UInt64)
    /// The votes say the same.
    case sameHeader
    /// The higher hash stands first, so that the same evidence would have two encodings.
    case outOfOrder
    /// No key can have made one of the signatures.
    case badSignature
    /// Two keys voted.
    case differentSigners(Address, Address)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .differentHeights(let one, let other):
            "the votes are about blocks \(one) and \(other); one key may sign both"
        case .sameHeader: "the votes are for the same header"
        case .outOfOrder: "the votes are not in the order of their headers"
        case .badSignature: "one of the signatures is none"
        case .differentSigners(let one, let other): "the votes are of two keys, \(one) and \(other)"
        }
    }
}
