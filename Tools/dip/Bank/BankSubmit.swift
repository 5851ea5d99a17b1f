import ArgumentParser
import BankDesk
import Files
import Gateway
import ISO20022
import JSON
import Ledger

/// `dip bank submit`.
struct BankSubmit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Pay orders as a customer's own pain.001 asks, each payment once.",
        discussion: """
            For a customer whose key the desk keeps: the debtor's account says which. Each payment names its \
            order by the reference that 'dip bank reference' gives (RF…), as a purchase order, or as ORDER 42, \
            and is made from what the customer has on the ledger; the desk does it.

            A payment is known by message, instruction and EndToEndId. Submit the file again to see what \
            became of it; with --answer the same is written as pain.002, as the customer's program reads it. \
            Exit status 1: a payment is refused.

              dip bank submit payments.xml --answer answer.xml
            """)

    @Argument(help: "The customer's file.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "Write what became of the payments to this file, as pain.002.", valueName: "file"),
        completion: .file())
    var answer: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let bytes = try Input.bytes(file, atMost: 64 << 20)
        let client = RPCClient(try node.endpoint(open.settings).endpoint())
        let submission = try await Submitting(open.journal, NodeLedger(client), open.settings)
            .submit(bytes, at: OpenDesk.now)
        let payments = submission.payments
        if output.json {
            Output.json(.array(payments.map(\.json)))
        } else {
            Output.table(
                ["payment", "order", "amount", "", "state", "why not"],
                payments.map { payment in
                    [
                        Output.clean(payment.endToEnd, atMost: 35),
                        payment.order.map { "\($0)" } ?? "",
                        payment.decimal, payment.currency, payment.state.rawValue,
                        payment.reason.map { "\($0), \(payment.text ?? "")" } ?? "",
                    ]
                }, right: [1, 2])
        }
        // The payments are the desk's by now: whatever becomes of the file, the person has read it.
        if let answer {
            try WholeFile.write(
                try submission.answer(at: OpenDesk.now), to: answer, mode: 0o600, replacing: true)
        }
        if payments.contains(where: { $0.state == .refused }) { throw ExitCodeOnly(status: 1) }
    }
}

extension SubmittedPayment {
    /// The amount in whole units of its currency.
    fileprivate var decimal: String {
        CurrencyCode(currency).map { Money(Amount(amount), $0).decimal } ?? "\(amount)"
    }

    /// As programs read it.
    fileprivate var json: JSON {
        .members([
            ("message", .string(message)), ("instruction", .string(instruction)),
            ("endToEnd", .string(endToEnd)), ("customer", customer.map { .integer($0) }),
            ("order", order.map { .integer($0) }), ("amount", .string(String(amount))),
            ("currency", .string(currency)), ("state", .string(state.rawValue)),
            ("reason", reason.map { .string($0) }), ("text", text.map { .string($0) }),
        ])
    }
}
