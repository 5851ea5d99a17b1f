import ArgumentParser
import JSON
import Ledger

/// `dip template list`.
struct TemplateList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List templates, with how often they are used and what they cost.",
        discussion: """
            Those that orders can be opened from, unless --status says otherwise. An industry stands for \
            all that begin with it: C for manufacturing, C34 for general machinery (ISIC, GB/T 4754).

              dip template list --industry C --role carrier
              dip template list --status draft        those that wait for reviews
            """)

    @Option(help: ArgumentHelp("Only this industry.", valueName: "code"))
    var industry: String?

    @Option(help: ArgumentHelp("Only those with this role.", valueName: "name"))
    var role: String?

    @Option(
        help: ArgumentHelp(
            "draft, active, rejected, deprecated, suspended or all.", valueName: "status"))
    var status = "active"

    @OptionGroup var list: ListOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        let known = ["draft", "active", "rejected", "deprecated", "suspended", "all"]
        guard known.contains(status) else {
            throw ValidationError("--status must be one of \(known.joined(separator: ", ")).")
        }
    }

    func run() async throws {
        let session = try reading.session()
        let filter = JSON.members([
            ("status", status == "all" ? nil : .string(status)),
            ("industry", industry.map { .string($0) }), ("role", role.map { .string($0) }),
        ])
        let templates = try await session.templates(filter, atMost: list.limit)
        let price = try await session.number("eth_gasPrice")
        session.show(templates.json("templates")) {
            guard !templates.elements.isEmpty else { return Output.note("none") }
            let rows = templates.elements.map { row($0, gasPrice: price) }
            Output.table(
                ["id", "name", "industry", "status", "uses", "reviews", "royalty", "fee up to"],
                rows, right: [4, 6, 7])
            templates.noteRest()
        }
    }

    private func row(_ json: JSON, gasPrice: UInt128) -> [String] {
        let votes = LedgerTemplate.votes(json)
        let name = json["names"]?[language.code]?.string ?? json["name"]?.string ?? "?"
        let gas = json["openGas"]?.whole ?? 0
        let (fee, overflow) = gas.multipliedReportingOverflow(by: gasPrice)
        return [
            LedgerTemplate.short(json["id"]?.string ?? "?"), Output.clean(name, atMost: 60),
            json["industry"]?.string ?? "", json["status"]?.string ?? "?",
            json["uses"]?.plain ?? "?",
            votes.no == 0 ? "\(votes.yes) for" : "\(votes.yes) for, \(votes.no) against",
            Currency.dip.text(json["royalty"]), overflow ? "?" : Currency.dip.text(fee),
        ]
    }
}
