/// Refusals of orders and claims.
extension RejectionCatalogue {
    static let orders: [RejectionEntry] = [
        RejectionEntry(
            60, .order, "UnknownOrder(uint64 order)", "There is no order with this id.",
            "Check the id; dip_ordersOf lists an account's orders."),
        RejectionEntry(
            61, .order, "UnknownLine(uint64 order, uint16 line)",
            "The order has no line with this index.", "Lines count from 0; see dip_order."),
        RejectionEntry(
            62, .order, "UnknownGate(uint64 order, uint8 gate)",
            "The order has no gate with this index.", "Gates count from 0 in calls; see dip_order."),
        RejectionEntry(
            63, .order, "BadTerms(string why)",
            "The order's terms break a rule, for example a gate that might never end.",
            "Mend the field that the reason names."),
        RejectionEntry(
            64, .order, "WrongStatus(uint64 order, Status status)",
            "The order is not in the status that this needs.",
            "A proposal must be accepted first; a closed order is finished and takes nothing more."),
        RejectionEntry(
            65, .order, "NotParty(address account)",
            "The sender has no part in the order that would allow this.",
            "Send as the buyer (or the proposer, or a holder of a claim, as the operation wants)."),
        RejectionEntry(
            66, .order, "NotAttestor(address account)",
            "The account is not among the gate's attestors.",
            "Have one of the gate's attestors attest; see dip_order."),
        RejectionEntry(
            67, .order, "NotArbiter(address account)", "The account is not the order's arbiter.",
            "Have the arbiter resolve the dispute."),
        RejectionEntry(
            68, .order, "AlreadyAttested(address account)",
            "The attestor has spoken on this gate; each speaks once.",
            "Nothing is to be done; a mistake is for the arbiter, where there is one."),
        RejectionEntry(
            69, .order, "GateIsClosed(uint64 order, uint8 gate)",
            "The gate has ended, or is with the arbiter.", "See the gate's state in dip_order."),
        RejectionEntry(
            70, .order, "NotDisputed(uint64 order, uint8 gate)",
            "The gate is not with the arbiter.", "Only a disputed gate can be resolved."),
        RejectionEntry(
            71, .order, "GateNotReached(uint64 order, uint8 gate)",
            "The gate follows another that is not met yet.",
            "Wait until the gate that it follows is met."),
        RejectionEntry(
            72, .order, "PledgeTooDeep(uint64 parent, uint64 child)",
            "The pledge would make a chain of more than 64 levels, or lift too many orders.",
            "Pledge closer to the top of the chain, or split it."),
        RejectionEntry(
            73, .order, "NotDue(uint64 order)", "Only orders that are due can be set off.",
            "Wait for the order's dueAt; an order without one cannot be set off."),
        RejectionEntry(
            74, .order, "NoConsent(address account)",
            "The account has not consented to set-off.", "Have it call consent(true)."),
        RejectionEntry(
            75, .order, "NoArbiter(uint64 order)",
            "The gate does not go to an arbiter, so that it cannot be disputed.",
            "Disputes need a gate whose onTimeout is arbitrate; that is agreed when an order is opened."
        ),
        RejectionEntry(
            76, .order, "BadShare(uint16 bps)", "A share is more than 10000 basis points.",
            "Say 0 (no) to 10000 (all of it)."),
        RejectionEntry(
            77, .order, "ZeroAmount()", "An amount of 0 does nothing here.",
            "Give an amount above 0."),
        RejectionEntry(
            78, .order, "Overfunded(uint256 outstanding)",
            "More is offered than the order still needs.",
            "Give at most the outstanding amount; type(uint256).max funds exactly that."),
        RejectionEntry(
            79, .order, "TokenMismatch(address a, address b)",
            "The two orders settle in different tokens.",
            "Pledge and set off only between orders of one token."),
        RejectionEntry(
            80, .order, "PledgeCycle(uint64 parent, uint64 child)",
            "The pledge would make money run in a circle.",
            "Do not pledge an order's claims to an order above it; debts in a circle are for set-off."
        ),
        RejectionEntry(
            81, .order, "AlreadyGuaranteed(address guarantor)",
            "Somebody guarantees the order with as much or more.",
            "Lock more than the present guarantee to replace it."),
        RejectionEntry(
            82, .order, "NoDueDate(uint64 order)",
            "The order has no due date, or it has passed, so that a guarantee has no meaning.",
            "Guarantee orders whose dueAt lies ahead."),
        RejectionEntry(
            83, .order, "NotOpenAccount(uint64 order)",
            "Only an order with one line, no gate that is open, and one account as sole holder can be set off.",
            "Leave the order out of the set-off."),
        RejectionEntry(
            84, .order, "DuplicateEntry(uint64 order)",
            "An order stands twice in the set-off.", "Name each order once."),
        RejectionEntry(
            85, .order, "Unbalanced(address account, uint256 owes, uint256 owed)",
            "In the set-off the account owes another sum than it is owed.",
            "Choose amounts so that each account owes as much as it is owed."),
        RejectionEntry(
            86, .signature, "SignatureExpired(uint64 deadline)",
            "The signed attestation's deadline has passed.",
            "Have the attestor sign again with a later deadline."),
        RejectionEntry(
            87, .signature, "BadSignature()",
            "The signature is not the attestor's over this attestation.",
            "Sign the EIP-712 struct Attestation for this chain id and 0x…d102 with the attestor's key."
        ),
    ]

    static let claims: [RejectionEntry] = [
        RejectionEntry(
            100, .claim, "InsufficientClaim(address holder, uint256 units, uint256 needed)",
            "The holder has fewer units of the line than needed, or asked for 0.",
            "See who holds what with dip_claimsOf or holders."),
        RejectionEntry(
            101, .claim, "SelfTransfer()", "A claim cannot be moved to its own holder.",
            "Name another holder."),
        RejectionEntry(
            102, .claim, "TooManyHolders(uint64 order, uint16 line)",
            "The line has 256 claim entries, the most that it can have.",
            "Transfer a whole entry, or wait until some are paid."),
        RejectionEntry(
            103, .claim, "OfferGone(uint64 offerId)",
            "The offer does not exist, is not for the sender, or was bought, withdrawn, has expired, or is no longer covered.",
            "Look at offers(offerId) and ask the seller for a new one."),
        RejectionEntry(
            104, .claimToken, "ERC1155InvalidReceiver(address receiver)",
            "Claims cannot go to the zero address.", "Name the account that is to receive."),
        RejectionEntry(
            105, .claimToken, "ERC1155MissingApprovalForAll(address operator, address owner)",
            "The sender may not move claims of the owner.",
            "Have the owner call setApprovalForAll."),
        RejectionEntry(
            106, .claimToken, "ERC1155InvalidArrayLength(uint256 idsLength, uint256 valuesLength)",
            "The lists of ids and values have different lengths.", "Give one value for each id."),
        RejectionEntry(
            107, .claimToken, "ERC1155InvalidOperator(address operator)",
            "The zero address cannot be an operator.", "Name the account that is to move claims."),
    ]
}
