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
}
