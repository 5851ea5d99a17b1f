import ArgumentParser
import Foundation
import JSON
import Ledger
import Settlement

/// `dip template explain`.
struct TemplateExplain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show what a template does: where the money goes, and who gets how much when.",
        discussion: """
            The numbers are those of the template's first example, or of --bindings: a file of roles and \
            parameters, as 'dip order new --bindings' takes it. No node is asked; accounts that the \
            keystore does not know are taken as names, and amounts have --decimals places.

              dip template explain purchase.yaml
              dip template explain purchase.yaml --language zh --bindings pump.yaml
              dip template explain purchase.yaml --mermaid > purchase.mmd
            """)

    @Argument(help: "The template, as YAML or JSON.", completion: .templates)
    var file: String

    @Option(
        help: ArgumentHelp("Parties and numbers, as YAML or JSON.", valueName: "file"),
        completion: .templates)
    var bindings: String?

    @Flag(help: "Only the diagram, as a Mermaid flowchart.")
    var mermaid = false

    @Flag(help: "Every outcome, also those where several gates do not end well.")
    var all = false

    @Option(
        help: ArgumentHelp("Decimal places of the token's amounts.", valueName: "number"))
    var decimals = 2

    @OptionGroup var language: LanguageOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (0...36).contains(decimals) else {
            throw ValidationError("--decimals must be from 0 to 36.")
        }
    }

    func run() throws {
        let template = try TemplateFile(file).template()
        let texts = TemplateTexts(template, language: language.code)
        let diagram = TemplateDiagram(texts)
        if mermaid, !output.json {
            for line in diagram.mermaid { Output.line(line) }
            return
        }
        let (title, explanation) = try explanation(texts)
        if output.json {
            return Output.json(
                .members([
                    ("name", .string(texts.name)), ("id", .string(template.id.hex)),
                    ("mermaid", .string(diagram.mermaid.joined(separator: "\n"))),
                    ("explanation", explanation?.json),
                ]))
        }
        Output.heading(texts)
        for line in diagram.text { Output.line(line) }
        guard let explanation else { return Output.note("It has no example: say --bindings FILE") }
        Output.line("")
        Output.line(title)
        Output.explain(explanation, all: all)
    }

    /// For the bindings given, else for the first example; nil where there is neither.
    private func explanation(_ texts: TemplateTexts) throws -> (String, Explanation?) {
        let template = texts.template
        let currency = Currency(address: .zero, symbol: "", decimals: decimals)
        guard let bindings else {
            guard let example = template.examples.first else { return ("", nil) }
            let explanation = try Explanation(
                texts, example.bindings, currency, now: example.now)
            return (texts.words.sample(Output.clean(example.name)), explanation)
        }
        let source = try TemplateFile(bindings)
        let names = Names(try keystore.open())
        let now = UInt64(Date().timeIntervalSince1970)
        // A name that nobody knows stands for an account that follows from it.
        func account(_ text: String) -> Address {
            (try? names.address(text)) ?? Address(Keccak256.hash(text).bytes.suffix(20)) ?? .zero
        }
        let reading = BindingsFile.Reading(
            currency: currency, now: now, signer: account("signer"), account: account)
        let bound = try source.bindings(for: template, reading)
        do throws(TemplateFault) {
            return (bindings, try Explanation(texts, bound.bindings, currency, now: now))
        } catch {
            throw FileFaults(path: bindings, [bound.placed(error)])
        }
    }
}
