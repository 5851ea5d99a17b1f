import ArgumentParser
import Foundation
import JSON
import Ledger
import Settlement

/// `dip order new`.
struct OrderNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Open an order from a template: asks for parties and numbers.",
        discussion: """
            Asks for the token, each party and each number, shows who gets how much in every outcome and \
            what opening costs, and opens the order once you say yes. 'dip template list' shows the \
            templates that there are.

              dip order new 'Plain invoice'
              dip order new 0xbc986db9 --bindings pump.yaml --dry-run
              dip order new 0xbc986db9 --bindings pump.yaml --yes --json

            A file of bindings has the roles and parameters of the template, as YAML or JSON:
              token: EBD
              maker: mill
              suppliers: [forge, foundry]
              price: 10000.00
              shares: [2000.00, 1500.00]
              deliverBy: +90d
            and, where wanted, dueAt, document or documentFile, and pledges: claims of yours on other \
            orders, out of which this one is paid. Who signs is the role that pays unless it is named; an \
            order for another payer is a proposal until that one accepts it.
            """)

    @Argument(help: "The template: its id, the first digits of it, or its name.")
    var template: String

    @Option(
        help: ArgumentHelp("Parties and numbers; nothing is asked for then.", valueName: "file"),
        completion: .templates)
    var bindings: String?

    @Option(
        help: ArgumentHelp(
            "A claim of yours that is pledged to the order, such as 7:0:1000.00; may be repeated.",
            valueName: "order:line:amount"))
    var pledge: [String] = []

    @Flag(name: .shortAndLong, help: "Do not ask whether to open it.")
    var yes = false

    @Flag(help: "Every outcome, also those where several gates do not end well.")
    var all = false

    @OptionGroup var language: LanguageOptions
    @OptionGroup var sending: SendingOptions

    func run() async throws {
        let session = try Session(sending.node, sending.keystore, sending.output)
        let signer = try Signer(sending.signer, session.keystore)
        let found = try await session.template(template)
        guard found.status == "active" else {
            throw Failure.failed(
                "template \(found.shortID) is \(found.status): no order can be opened from it")
        }
        let texts = TemplateTexts(found.template, language: language.code)
        // The clock of an idle ledger stands still with its last block.
        let now = max(try await session.blockTime(), UInt64(Date().timeIntervalSince1970))
        let draft = try await draft(texts, session, signer.address, now: now)
        let order = NewOrder(
            found: found, texts: texts, draft: draft, sender: signer.address)
        // For the person; with --json the standard output is for the result alone.
        let say = session.isJSON ? Output.note : Output.line
        for line in try await order.page(session, all: all) { say(line) }
        Moment.warn(
            ofPast: draft.bindings.dueAt, "dueAt",
            "the order is overdue as it is opened, and nobody can guarantee it")
        let sender = Sender(session: session, options: sending, signer: signer)
        if sending.dryRun { return try await sender.tell(order.plan) }
        guard try yes || Input.isYes(texts.words.openIt, otherwise: "--yes") else {
            throw Failure.failed("nothing was sent")
        }
        try await sender.send(order.plan)
    }

    /// What is bound: from the file, or asked for.
    private func draft(
        _ texts: TemplateTexts, _ session: Session, _ signer: Address, now: UInt64
    ) async throws -> OrderDraft {
        var draft: OrderDraft
        if let bindings {
            draft = try await OrderDraft(
                file: try TemplateFile(bindings), texts, session, signer, now: now)
        } else {
            draft = try await BindingsDialogue(
                texts: texts, session: session, signer: signer, now: now
            ).run()
        }
        for text in pledge { draft.pledges.append(try Self.pledge(text, draft.currency)) }
        return draft
    }

    /// Reads `7:0:1000.00`.
    private static func pledge(_ text: String, _ currency: Currency) throws -> IOrders.Pledge {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let order = UInt64(parts[0]), let line = UInt16(parts[1]) else {
            throw Failure.usage("--pledge \(text): write order:line:amount, such as 7:0:1000.00")
        }
        return IOrders.Pledge(order: order, line: line, units: try currency.amount(parts[2]))
    }
}

/// What is to be opened: bindings, and what is pledged to the order.
struct OrderDraft {
    let currency: Currency
    let bindings: TemplateBindings
    var pledges: [IOrders.Pledge]
    let explanation: Explanation

    /// Reads a file of bindings; whoever signs pays unless the file says otherwise.
    init(
        file: TemplateFile, _ texts: TemplateTexts, _ session: Session, _ signer: Address,
        now: UInt64
    ) async throws {
        let document = try file.document()
        guard let token = BindingsFile.token(document) else {
            throw Failure.usage("\(file.path): it names no token: token: EBD")
        }
        currency = try await session.currency(token)
        let reading = BindingsFile.Reading(
            currency: currency, now: now, signer: signer,
            account: { try session.names.address($0) })
        let bound = try file.bindings(for: texts.template, reading)
        bindings = bound.bindings
        pledges = bound.pledges
        do throws(TemplateFault) {
            explanation = try Explanation(texts, bindings, currency, now: now)
        } catch {
            throw FileFaults(path: file.path, [bound.placed(error)])
        }
    }

    /// Takes bindings that were asked for.
    init(
        _ document: DocumentNode, _ texts: TemplateTexts, _ currency: Currency, now: UInt64
    ) throws {
        self.currency = currency
        pledges = []
        do throws(TemplateFault) {
            bindings = try TemplateBindings(document, for: texts.template)
            explanation = try Explanation(texts, bindings, currency, now: now)
        } catch {
            throw Failure.usage(Output.clean(error.description, atMost: 600))
        }
    }
}

/// An order that is about to be opened from a template.
private struct NewOrder {
    let found: LedgerTemplate
    let texts: TemplateTexts
    let draft: OrderDraft
    let sender: Address

    private var json: [UInt8] { draft.bindings.json(for: found.template) }

    var plan: Plan {
        let (id, json, pledges) = (found.id, json, draft.pledges)
        let call = ContractCall(
            .templates, ITemplates.Function.open, words: 3, value: found.template.royalty
        ) {
            $0.write(word: id)
            $0.write(bytes: json)
            $0.write(array: pledges)
        }
        let price = draft.currency.text(draft.explanation.price)
        let verb = payer == sender ? "open" : "propose"
        return Plan(call, "\(verb) an order over \(price) from \"\(texts.name)\"") { reader in
            let id = try reader.uint(UInt64.self)
            return ("order \(id)", JSON.Member("order", .integer(id)))
        }
    }

    private var payerRole: Int { found.template.roles.firstIndex(where: \.pays) ?? 0 }

    private var payer: Address { draft.bindings.parties[payerRole].first ?? .zero }

    /// Everything that somebody should have read who signs.
    func page(_ session: Session, all: Bool) async throws -> [String] {
        let words = texts.words
        var lines = [texts.name, ""]
        lines += Output.lines(ofTable: [words.role, words.account], parties(session.names))
        let price = draft.currency.text(draft.explanation.price)
        lines += ["", words.owes(texts.role(payerRole), price)]
        if let due = draft.explanation.due { lines.append(words.due(words.day(due))) }
        lines += texts.requiredEntities
        lines += Output.explanation(draft.explanation, all: all)
        lines += ["", try await cost(session), ""]
        return lines
    }

    private func parties(_ names: Names) -> [[String]] {
        var rows: [[String]] = []
        for (index, accounts) in draft.bindings.parties.enumerated() {
            let isMany = found.template.roles[index].isMany
            for (member, account) in accounts.enumerated() {
                let role = texts.role(index) + (isMany ? " \(member + 1)" : "")
                rows.append([role, names.text(account)])
            }
        }
        return rows
    }

    /// Royalty and fee, as the ledger says.
    private func cost(_ session: Session) async throws -> String {
        let (id, json) = (found.id, json)
        let call = ContractCall(.templates, ITemplates.Function.quote, words: 2) {
            $0.write(word: id)
            $0.write(bytes: json)
        }
        let (royalty, gas) = try await session.read(call) { (reader) throws(Rejection) in
            (try reader.amount(), try reader.amount())
        }
        let price = try await session.number("eth_gasPrice")
        let (fee, overflow) = gas.multipliedReportingOverflow(by: price)
        return texts.words.cost(
            Currency.dip.text(royalty), overflow ? "?" : Currency.dip.text(fee))
    }
}
