import ArgumentParser
import JSON
import Ledger
import Settlement

/// `dip template review`.
struct TemplateReview: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "review",
        abstract: "Approve or reject a template, as a reviewer whom the banks admitted.",
        discussion: """
            First it shows what is reviewed: what changed against the version that it replaces, or all of \
            it. The report stays with you; its Keccak-256 goes onto the ledger, so that everybody to whom \
            you show it knows that it is the one. --dry-run shows all of this and sends nothing.

              dip template review 0xbc986db9 --approve --report report.pdf --account reviewer
            """)

    @Argument(help: "The template: its id, the first digits of it, or its name.")
    var template: String

    @Flag(help: "For it.")
    var approve = false

    @Flag(help: "Against it.")
    var reject = false

    @Option(
        help: ArgumentHelp("The report that says why.", valueName: "file"), completion: .file())
    var report: String

    @OptionGroup var sending: SendingOptions

    func validate() throws {
        guard approve != reject else { throw ValidationError("Give --approve or --reject.") }
    }

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let found = try await session.template(template)
        let (id, hash, approves) = (found.id, try Digest.ofFile(report), approve)
        try await show(found, hash, session)
        let call = ContractCall(.templates, ITemplates.Function.review, words: 3) {
            $0.write(word: id)
            $0.write(approves)
            $0.write(word: hash)
        }
        let name = Output.clean(found.template.name, atMost: 128)
        return Plan(call, "\(approves ? "approve" : "reject") \"\(name)\" (\(found.shortID))")
    }

    /// For the person at the terminal; with --json the standard output is for the result alone.
    private func show(
        _ found: LedgerTemplate, _ report: Hash32, _ session: Session
    ) async throws {
        let say = session.isJSON ? Output.note : Output.line
        say("Template \(found.id.hex)")
        let lines = Self.lines(found.template)
        if let replaces = found.json["replaces"]?.string {
            let old = try await session.template(replaces)
            say("What changed against \(old.id.hex):")
            let diff = LineDiff(from: Self.lines(old.template), to: lines)
            for line in diff.text() { say("  " + line) }
        } else {
            say("It replaces none; all of it:")
            for line in lines { say("  " + line) }
        }
        if let fault = ExampleTally(found.template).fault { say("Mind that \(fault).") }
        say("Report \(report.hex)")
    }

    /// The canonical text, indented so that a change is a line or two.
    static func lines(_ template: Template) -> [String] {
        let json = (try? JSON(parsing: template.canonicalBytes)) ?? .null
        return Output.pretty(json).split(separator: "\n").map {
            Output.clean(String($0), atMost: 4096)
        }
    }
}
