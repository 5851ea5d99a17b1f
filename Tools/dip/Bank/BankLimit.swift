import ArgumentParser
import BankDesk
import Ledger

/// `dip bank limit`.
struct BankLimit: TwoKeyCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract:
            "Set how much the desk may issue a day; more than before takes the checker's approval.")

    @Argument(help: "How much a day (UTC), such as 5000000.")
    var amount: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var checker: CheckerOptions
    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let amount = try desk.currency.amount(amount, inUnits: units)
        let call = Self.call(desk.settings.token, amount)
        return Plan(call, "let \(desk.currency.text(amount)) a day be issued")
    }

    static func call(_ token: Address, _ amount: UInt128) -> ContractCall {
        ContractCall(.banks, IBanks.Function.setIssueLimit, words: 2) {
            $0.write(token)
            $0.write(amount)
        }
    }
}
