import ArgumentParser
import BankDesk
import Files
import ISO20022
import JSON
import Ledger

/// `dip bank statement`.
struct BankStatement: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "Write a customer's statement of a day: camt.053.001.08, for its own books.",
        discussion: """
            What happened to the customer's deposit tokens that day (UTC), each payment with order, line and \
            buyer, who is named where it is a customer too.

              dip bank statement 12 --date 2026-11-25
              dip bank statement 12 --date 2026-11-25 --output mill.xml
            """)

    @Argument(help: "The customer: number, address or label.")
    var customer: String

    @Option(help: ArgumentHelp("The day.", valueName: "day"))
    var date: String

    @Option(
        help: ArgumentHelp(
            "The file; without it camt.053-CUSTOMER-DAY.xml in the folder you are in.",
            valueName: "file"), completion: .file())
    var output: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var printing: OutputOptions

    func run() async throws {
        guard let day = CivilDate(date), day.daysSince1970 >= 0 else {
            throw Failure.usage("\"\(date)\" is no day: write 2026-11-25")
        }
        let open = try desk.open()
        let session = try Session(node.endpoint(open.settings), keystore, printing)
        let customer = try open.customer(customer, session.names)
        let start = UInt64(day.daysSince1970) * 86_400
        var servicer = Institution(bic: BIC(open.settings.bic))
        servicer.name = open.settings.name
        let message = StatementMessage(
            session: session, account: customer.address, currency: open.currency,
            number: AccountID(customer.account), owner: Party(name: customer.name),
            servicer: servicer,
            name: { address in
                try open.journal.customer(at: address)?.name ?? session.names.short(address)
            })
        let bytes = try await message.bytes(from: start, until: start + 86_399)
        let file = output ?? "camt.053-\(customer.id)-\(day).xml"
        try WholeFile.write(bytes, to: file, mode: 0o600, replacing: true)
        session.show(["ok": true, "file": .string(file)]) {
            Output.line("The statement of \(day) is in \(file).")
        }
    }
}
