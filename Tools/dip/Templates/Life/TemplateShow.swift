import ArgumentParser
import JSON
import Ledger
import Settlement

/// `dip template show`.
struct TemplateShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a template: what it does, who stands behind it, what it costs.",
        discussion: """
              dip template show 0xbc986db9 --language zh
              dip template show 'Plain invoice' --source > invoice.json
            """)

    @Argument(help: "The template: its id, the first digits of it, or its name.")
    var template: String

    @Flag(help: "Only its text, as JSON.")
    var source = false

    @OptionGroup var language: LanguageOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let found = try await session.template(template)
        if source {
            return Output.json((try? JSON(parsing: found.template.canonicalBytes)) ?? .null)
        }
        let texts = TemplateTexts(found.template, language: language.code)
        session.show(found.json) {
            Output.heading(texts)
            for line in StandingText(found, session.names).lines { Output.line(line) }
            Output.line("")
            for line in TemplateDiagram(texts).text { Output.line(line) }
            guard let example = found.template.examples.first,
                let explanation = try? Explanation(
                    texts, example.bindings, Currency(address: .zero, symbol: "", decimals: 2),
                    now: example.now)
            else { return }
            Output.line("")
            Output.line(texts.words.sample(Output.clean(example.name)))
            Output.explain(explanation, all: false)
        }
    }
}

/// `dip template status`.
struct TemplateStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show where a template stands: reviews, deposit, uses.")

    @Argument(help: "The template: its id, the first digits of it, or its name.")
    var template: String

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let found = try await session.template(template)
        let json = (found.json.object ?? []).filter { $0.name != "json" }
        session.show(.object(json)) {
            Output.line(Output.clean(found.template.name))
            for line in StandingText(found, session.names).lines { Output.line(line) }
        }
    }
}

/// `dip template earnings`.
struct TemplateEarnings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earnings",
        abstract: "Show what templates have earned their developer, in DIP.",
        discussion: "The developer's part of the royalties; it was paid when each order was opened."
    )

    @Argument(help: "The developer's account.")
    var account: String?

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let templates = try await session.templates(
            ["developer": .string(account.hex)], atMost: 100_000
        ).elements
        let total = templates.reduce(UInt128(0)) { $0 + ($1["earned"]?.whole ?? 0) }
        session.show([
            "developer": .string(account.checksummed), "earned": .string(String(total)),
            "templates": .array(templates),
        ]) {
            let rows = templates.map { json in
                [
                    LedgerTemplate.short(json["id"]?.string ?? "?"),
                    Output.clean(json["name"]?.string ?? "?", atMost: 60),
                    json["status"]?.string ?? "?", json["uses"]?.plain ?? "?",
                    Currency.dip.text(json["royalty"]), Currency.dip.text(json["earned"]),
                ]
            }
            Output.table(
                ["id", "name", "status", "uses", "royalty", "earned"], rows, right: [3, 4, 5])
            Output.line("\(Currency.dip.text(total)) in all")
        }
    }
}
