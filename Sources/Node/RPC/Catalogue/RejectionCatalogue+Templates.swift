/// Refusals of templates.
extension RejectionCatalogue {
    static let templates: [RejectionEntry] = [
        RejectionEntry(
            140, .template, "TemplateRefused(string pointer, string why)",
            "The template is not well-formed, could leave money stuck or short, or was published before.",
            "Mend the place that the JSON pointer names; dip template check FILE shows all there is, before it costs anything."
        ),
        RejectionEntry(
            141, .template, "BindingRefused(string pointer, string why)",
            "The parties and numbers do not fit the template.",
            "Mend the member that the JSON pointer names; preview(id, bindings) tries without opening an order."
        ),
        RejectionEntry(
            142, .template, "TemplateNotActive(bytes32 id, Status status)",
            "The template is not in use: unknown, not yet reviewed, rejected, deprecated or suspended.",
            "Choose an active template; dip_templates lists them. A replaced one names its later version there."
        ),
        RejectionEntry(
            143, .template, "NotReviewer(address account)",
            "Only accredited reviewers review, and nobody reviews a template of its own.",
            "Send as one of reviewers() at 0x…d107; the banks admit reviewers by a proposal AdmitReviewer."
        ),
        RejectionEntry(
            144, .template, "FeeTooLow(uint256 needed)",
            "Less DIP was sent along than the call costs.",
            "Send at least that much as the transaction's value; what is not needed stays with the sender."
        ),
        RejectionEntry(
            145, .template, "NotDeveloper(address account)",
            "Only the account that published a template can deprecate or replace it.",
            "Send as the template's developer; template(id) names it."),
        RejectionEntry(
            146, .template, "TemplateNotDraft(bytes32 id, Status status)",
            "The template is not waiting for reviews.",
            "Reviews are over once enough reviewers are for or against; see template(id)."),
        RejectionEntry(
            147, .template, "AlreadyReviewed(bytes32 id, address reviewer)",
            "The reviewer has spoken on this template; each speaks once.",
            "Nothing is to be done; another version can be reviewed anew."),
    ]
}
