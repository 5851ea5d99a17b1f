import Ledger

/// Approval by a signature that the owner gives away and anybody brings in, as EIP-2612 has it.
extension TokenLedger {
    /// How many permits of an owner were used; the next one must carry this number.
    public func permitNonce(of owner: Address, in token: TokenID) -> UInt64 {
        state.object(TokenKey.permitNonce(token, owner: owner))
            .map { stored($0) { try $0.read(UInt64.self) } } ?? 0
    }

    /// The EIP-712 domain separator of a token's contract on this chain.
    public func domainSeparator(of token: TokenID) -> Hash32 {
        PermitHash.domain(chainID: state.block.chainID, contract: address(of: token))
    }

    /// Approves as ``approve(_:of:owner:spender:)`` does, on the word of the owner's signature.
    ///
    /// The value and the deadline, the last second at which the signature counts, are 256-bit numbers.
    ///
    /// - Throws: ``Rejection/erc2612ExpiredSignature(deadline:)``;
    ///   ``Rejection/erc2612InvalidSigner(signer:owner:)``, with the zero address for a signature that
    ///   nobody can have made (a high s among them); ``Rejection/erc20InvalidSpender(_:)``.
    public func permit(
        _ value: Hash32, of token: TokenID, owner: Address, spender: Address, deadline: Hash32,
        signature: Signature
    ) throws(Rejection) {
        if deadline < Hash32(0, 0, 0, state.block.now) {
            throw .erc2612ExpiredSignature(deadline: deadline)
        }
        let nonce = permitNonce(of: owner, in: token)
        let digest = PermitHash.digest(
            domain: domainSeparator(of: token), owner: owner, spender: spender, value: value,
            nonce: nonce, deadline: deadline)
        let signer = signature.recover(digest) ?? .zero
        guard signer == owner, owner != .zero else {
            throw .erc2612InvalidSigner(signer: signer, owner: owner)
        }
        if spender == .zero { throw .erc20InvalidSpender(spender) }
        state.setObject(
            TokenKey.permitNonce(token, owner: owner), bytes { $0.write(nonce + 1) })
        try approve(value, of: token, owner: owner, spender: spender)
    }
}

/// What an owner signs, by EIP-712.
public enum PermitHash {
    static let domainType = Keccak256.hash(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    static let permitType = Keccak256.hash(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
    static let name = Keccak256.hash("Dipnet")
    static let version = Keccak256.hash("1")

    /// The domain separator of a contract of this ledger.
    public static func domain(chainID: UInt64, contract: Address) -> Hash32 {
        hash([domainType, name, version, Hash32(0, 0, 0, chainID), Hash32(word: contract)])
    }

    /// The 32 bytes that are signed.
    public static func digest(
        domain: Hash32, owner: Address, spender: Address, value: Hash32, nonce: UInt64,
        deadline: Hash32
    ) -> Hash32 {
        let permit = hash([
            permitType, Hash32(word: owner), Hash32(word: spender), value, Hash32(0, 0, 0, nonce),
            deadline,
        ])
        var keccak = Keccak256()
        keccak.update([0x19, 0x01])
        keccak.update(domain)
        keccak.update(permit)
        return keccak.finalize()
    }

    private static func hash(_ words: [Hash32]) -> Hash32 {
        var keccak = Keccak256()
        for word in words { keccak.update(word) }
        return keccak.finalize()
    }
}
