import ArgumentParser

extension CompletionKind {
    /// Files of templates and bindings.
    static var templates: CompletionKind { .file(extensions: ["yaml", "yml", "json"]) }
}

/// `dip template …`.
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template",
        abstract: "Write, check, review and use contract templates.",
        discussion: """
            A template is a contract that a company fills in: who takes part, what is agreed, who gets how \
            much when. It is data, written in YAML or JSON, so that the ledger works out everything that \
            it can do before money is in it. docs/templates.md is the page to begin with.

              dip template explain Genesis/templates/purchase-inspection-retention.yaml
              dip order new ID         fills in an active one
            """,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Write",
                subcommands: [TemplateCheck.self, TemplateExplain.self, TemplateTest.self]),
            CommandGroup(
                name: "Look", subcommands: [TemplateList.self, TemplateShow.self]),
            CommandGroup(
                name: "Publish",
                subcommands: [
                    TemplatePublish.self, TemplateStatus.self, TemplateEarnings.self,
                    TemplateDeprecate.self,
                ]),
            CommandGroup(name: "Review", subcommands: [TemplateReview.self]),
        ])
}
