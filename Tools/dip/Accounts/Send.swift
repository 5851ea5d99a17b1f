import ArgumentParser
import Ledger

/// `dip send`.
struct Send: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send DIP.",
        discussion: """
              dip send mill 1.5
              dip send 0x… 0.25 --dry-run
              dip send dev:2 10 --dev-key 1

            Other tokens are sent with 'dip token transfer'.
            """)

    @Argument(help: "Who gets it: an address, a label, or dev:N.")
    var to: String

    @Argument(help: "How much, such as 1.5.")
    var amount: String

    @Flag(help: "The amount is in smallest units, 10^-18 DIP.")
    var units = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let to = try session.names.address(to)
        let value = try Currency.dip.amount(amount, inUnits: units)
        return Plan(
            ContractCall(to: to, value: value),
            "send \(Currency.dip.text(value)) to \(session.names.text(to))")
    }
}
