/// Refusals around deposit tokens and redemptions.
extension RejectionCatalogue {
    static let banks: [RejectionEntry] = [
        RejectionEntry(
            150, .bank, "DuplicateReference(bytes32 paymentReference)",
            "The token was issued against this payment before; a reference is used once for ever.",
            "Nothing is to be done if the call was repeated; issuedAt(token, reference) tells the block."
        ),
        RejectionEntry(
            151, .bank, "NotThisBanksToken(address token)",
            "The token is no deposit token, or another bank's.",
            "Ask depositTokens(operator) at 0x…d105, and send as the operator of the token's bank."),
        RejectionEntry(
            152, .bank, "WrongRedemptionState(uint64 id, Redemption state)",
            "The redemption is in a state in which this cannot happen; one whose time is over counts as returned.",
            "Ask redemption(id) how far it has come; docs/banks.md shows the way of a redemption."),
        RejectionEntry(
            153, .bank, "LimitExceeded(uint256 perDay, uint256 issuedToday, uint256 wanted)",
            "With this the bank would issue more on one day (UTC) than its limit allows.",
            "Have the bank's checker approve the Keccak-256 of this call's data, or wait for the next day."
        ),
        RejectionEntry(
            154, .bank, "NotApproved(bytes32 call)",
            "The call takes two of the bank's keys, and the checker has not approved it, or too long ago.",
            "Have the bank's checker call approve with this hash, and repeat the call within seven days."
        ),
        RejectionEntry(
            155, .bank, "BadDepositToken(string why)",
            "The token cannot be the bank's deposit token in this currency.",
            "Issue a token as the reason wants it; docs/banks.md says what a deposit token must be."
        ),
        RejectionEntry(
            156, .bank, "UnknownRedemption(uint64 id)", "There is no redemption with this id.",
            "RedemptionRequested events name the ids that there are."),
        RejectionEntry(
            157, .control, "IsDepositToken(address token)",
            "Only its bank makes and destroys a deposit token (issue and settle at 0x…d105 do), and its operator alone administers it.",
            "To get money for it, redeem it at 0x…d105. The admin's role goes with the operator's key (setOperator)."
        ),
        RejectionEntry(
            158, .bank, "TakenAtPar(address token)",
            "A bank's operator does not pay with a token that the bank took at par, nor is it clawed back: the bank has issued its own for it.",
            "Redeem it at 0x…d105, as 'dip bank net' does; docs/banks.md, Between banks."),
    ]
}
