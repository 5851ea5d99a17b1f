import ArgumentParser
import BankDesk
import JSON
import Ledger

/// `dip bank issue`.
struct BankIssue: TwoKeyCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue deposit tokens by hand, against money that has arrived.",
        discussion: """
            With the reference under which the bank's messages will tell of the money: the ledger takes it once, \
            so that the desk does not issue it again. Above the limit a day the checker approves it first.

              dip bank issue 12 1500.00 --reference 20261125-000077
            """)

    @Argument(help: "The customer: number, address or label.")
    var customer: String

    @Argument(help: "How much, such as 12.50.")
    var amount: String

    @Option(
        help: ArgumentHelp(
            "The account servicer's reference of the payment.", valueName: "reference"))
    var reference: String

    @OptionGroup var checker: CheckerOptions
    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let customer = try desk.customer(customer, session.names)
        let amount = try desk.currency.amount(amount)
        let word = desk.settings.ledgerReference(of: reference)
        let call = ContractCall(.banks, IBanks.Function.issue, words: 4) {
            $0.write(desk.settings.token)
            $0.write(customer.address)
            $0.write(amount)
            $0.write(word: word)
        }
        return Plan(call, "issue \(desk.currency.text(amount)) to customer \(customer.id)")
    }
}
