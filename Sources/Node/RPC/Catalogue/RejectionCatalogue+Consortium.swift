/// Refusals of what the banks decide together.
extension RejectionCatalogue {
    static let governance: [RejectionEntry] = [
        RejectionEntry(
            120, .governance, "NotBank(address account)",
            "Only the operators of the consortium's banks propose and vote.",
            "Send as a bank's operator; banks() at 0x…d107 lists them."),
        RejectionEntry(
            121, .governance, "BadProposal(string why)",
            "The proposal cannot be made, voted on or carried out.",
            "Mend what the reason names, and propose again; docs/governance.md says what each kind takes."
        ),
    ]

    static let entities: [RejectionEntry] = [
        RejectionEntry(
            130, .entity, "BadIdentifier(string why)",
            "What a bank says of a legal entity cannot be right: its identifier, name or industry.",
            "Mend what the reason names; docs/entities.md says what each may be."),
        RejectionEntry(
            131, .entity, "AttestedByOther(address account, address bank)",
            "Another bank attests who is behind the account, and only that bank may change it.",
            "Have that bank revoke it first; any bank may once that one has left."),
        RejectionEntry(
            132, .entity, "NotAttested(address account)",
            "No bank attests who is behind the account, so there is nothing to revoke.",
            "Ask entity(account) at 0x…d106 what is known."),
    ]
}
