import Ledger

/// Approval by a signature that the owner gives away and anybody brings in, as EIP-2612 has it.
extension TokenLedger {
    /// How many permits of an owner were used; the next one must carry this number.
    public func permitNonce(of owner: Address, in token: TokenID) -> UInt64 {
        state.object(TokenKey.permitNonce(token, owner: owner))
            .map { believed($0) { try $0.read(UInt64.self) } } ?? 0
    }

    /// The EIP-712 domain of a token's contract on this chain.
    public func domain(of token: TokenID) -> EIP712.Domain {
        EIP712.Domain(chainID: state.block.chainID, contract: address(of: token))
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
        let permit = EIP712.Permit(
            owner: owner, spender: spender, value: value, nonce: nonce, deadline: deadline)
        let signer = permit.recover(signature, in: domain(of: token)) ?? .zero
        guard signer == owner, owner != .zero else {
            throw .erc2612InvalidSigner(signer: signer, owner: owner)
        }
        if spender == .zero { throw .erc20InvalidSpender(spender) }
        state.setObject(
            TokenKey.permitNonce(token, owner: owner), bytes { $0.write(nonce + 1) })
        try approve(value, of: token, owner: owner, spender: spender)
    }
}
