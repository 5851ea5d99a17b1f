import ArgumentParser
import BankDesk
import JSON

/// `dip bank reference`.
struct BankReference: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference",
        abstract: "Say what the payer of an order writes: a creditor reference of ISO 11649.",
        discussion: """
            Its check digits let every bank's form notice a mistyped number. No node and no desk is asked.

              dip bank reference 42
            """)

    @Argument(help: "The order's number.")
    var order: UInt64

    @OptionGroup var output: OutputOptions

    func run() {
        let reference = PaymentReference.order(order).text
        if output.json {
            Output.json(["order": .integer(order), "reference": .string(reference)])
        } else {
            Output.line(reference)
        }
    }
}
