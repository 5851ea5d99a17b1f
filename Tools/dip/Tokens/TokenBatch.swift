import ArgumentParser
import Ledger

/// `dip token batch`.
struct TokenBatch: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "batch",
        abstract: "Pay many accounts at once, all or none, from a CSV file.",
        discussion: """
            Each line has a receiver and an amount, with commas, semicolons or tabs between the cells of \
            all lines; an amount has a decimal point. Further columns, empty lines and a first line of titles \
            are passed over. Between commas, a number behind the amount is refused unless it has a title, \
            since 80,50 may be one amount.

              receiver,amount,reference
              mill,1250.50,invoice 17
              0x…,80,invoice 18

              dip token batch EBD payroll.csv --dry-run
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "The file; - is the standard input.", completion: .file())
    var file: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token.token)
        let payments = try PaymentList(
            String(decoding: try Input.bytes(file), as: UTF8.self), file, currency, session.names,
            inUnits: token.units)
        let call = ContractCall(currency.address, IToken.Function.transferBatch, words: 2) {
            $0.write(array: payments.receivers)
            $0.write(array: payments.amounts)
        }
        return Plan(
            call, "pay \(payments.receivers.count) accounts \(currency.text(payments.total)) in all"
        )
    }
}
