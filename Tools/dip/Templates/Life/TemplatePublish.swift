import ArgumentParser
import Files
import JSON
import Ledger
import Settlement

/// `dip template publish`.
struct TemplatePublish: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a template, so that reviewers can approve it.",
        discussion: """
            It is checked here first, as the ledger will check it. The publication fee goes to the \
            treasury; the fees for the reviews that it needs are a deposit, of which what is not spent \
            comes back.

              dip template publish order.yaml --account studio
              dip template publish order-2.yaml --replaces 0xbc986db9 --account studio
            """)

    @Argument(help: "The template, as YAML or JSON.", completion: .templates)
    var file: String

    @Option(help: ArgumentHelp("The template of yours that it replaces.", valueName: "id"))
    var replaces: String?

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let template = try TemplateFile(file).template()
        if case .refused(let fault, _) = template.check() {
            throw Failure.failed(
                "\(FileFaults(path: file, [fault]))\n"
                    + "'dip template check \(ShellWord.quoted(file))' shows the bindings in which it is so"
            )
        }
        if let fault = ExampleTally(template).fault {
            throw Failure.failed(
                "\(file): \(fault); 'dip template test \(ShellWord.quoted(file))' says which")
        }
        var old = Hash32.zero
        if let replaces { old = try await session.template(replaces).id }
        let cost = ContractCall(.templates, ITemplates.Function.publicationCost)
        let (fee, deposit) = try await session.read(cost) { (reader) throws(Rejection) in
            (try reader.amount(), try reader.amount())
        }
        let (value, overflow) = fee.addingReportingOverflow(deposit)
        guard !overflow else { throw Failure.failed("publishing costs more DIP than there can be") }
        let replaced = old
        let call = ContractCall(.templates, ITemplates.Function.publish, words: 2, value: value) {
            $0.write(bytes: template.canonicalBytes)
            $0.write(word: replaced)
        }
        let name = Output.clean(template.name, atMost: 128)
        let price =
            "\(Currency.dip.text(fee)) and a deposit of \(Currency.dip.text(deposit)) for reviews"
        return Plan(call, "publish \"\(name)\" for \(price)") { reader in
            let id = try reader.word()
            return ("template \(id.hex)", JSON.Member("template", .string(id.hex)))
        }
    }
}

/// `dip template deprecate`.
struct TemplateDeprecate: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "deprecate",
        abstract: "Withdraw a template of yours; orders that were opened from it go on.")

    @Argument(help: "The template: its id, the first digits of it, or its name.")
    var template: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let found = try await session.template(template)
        let id = found.id
        let call = ContractCall(.templates, ITemplates.Function.deprecate, words: 1) {
            $0.write(word: id)
        }
        let name = Output.clean(found.template.name, atMost: 128)
        return Plan(call, "withdraw \"\(name)\" (\(found.shortID))")
    }
}
