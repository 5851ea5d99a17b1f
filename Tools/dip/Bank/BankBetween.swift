import ArgumentParser
import BankDesk
import Ledger

/// `dip bank accept`.
struct BankAccept: TwoKeyCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Take another bank's token at par, up to so much in hand.",
        discussion: """
            Payees that bank here are then paid in this bank's token, newly issued, where an order pays in the \
            other's. More than before takes the checker's approval: it is credit to that bank. 0 takes no more.

              dip bank accept WEUR 500000 --desk desk
            """)

    @Argument(help: "The other bank's token: its symbol or address.")
    var token: String

    @Argument(help: "The most that the operator is to have of it.")
    var limit: String

    @OptionGroup var checker: CheckerOptions
    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let other = try await session.currency(token)
        let limit = try other.amount(limit)
        let call = ContractCall(.banks, IBanks.Function.acceptAtPar, words: 2) {
            $0.write(other.address)
            $0.write(limit)
        }
        return Plan(call, "take up to \(other.text(limit)) at par")
    }
}

/// `dip bank payout-token`.
struct BankPayoutToken: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "payout-token",
        abstract: "Have what orders pay you come in your own bank's token.",
        discussion: """
            For a bank's customer: what orders pay in another bank's token of the same currency is converted, as \
            far as your bank takes that one; the rest comes as it was paid.

              dip bank payout-token DEUR
              dip bank payout-token none
            """)

    @Argument(help: "Your bank's token, its symbol or address; none: take all as it comes.")
    var token: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = token == "none" ? nil : try await session.currency(token)
        let call = ContractCall(.banks, IBanks.Function.setPayoutToken, words: 1) {
            $0.write(currency?.address ?? .zero)
        }
        return Plan(
            call,
            currency.map { "be paid in \($0.symbol) where its bank takes what is paid" }
                ?? "be paid in any bank's money as it comes")
    }
}

/// `dip bank recover`.
struct BankRecover: TwoKeyCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Move what a customer had under a lost key to its new one.",
        discussion: """
            Both accounts must be attested by this bank as the same entity ('dip entity attest'). The checker \
            approves first. Where many claims are held, say it again until nothing is left. Afterwards \
            'dip bank customer set N --address NEW'.

              dip bank recover 0xOLD 0xNEW --reason 0x… --desk desk
            """)

    @Argument(help: "The account whose key is lost.")
    var from: String

    @Argument(help: "The customer's new account.")
    var to: String

    @Option(
        help: ArgumentHelp("The hash of the papers; it stands in the event.", valueName: "hash"))
    var reason: String

    @OptionGroup var checker: CheckerOptions
    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        guard let word = Hash32(hex: reason) else {
            throw Failure.usage("\"\(reason)\" is no hash: 0x and 64 hexadecimal digits")
        }
        let (from, to) = (try session.names.address(from), try session.names.address(to))
        let call = ContractCall(.banks, IBanks.Function.recover, words: 3) {
            $0.write(from)
            $0.write(to)
            $0.write(word: word)
        }
        return Plan(call, "move what \(from.checksummed) has to \(to.checksummed)")
    }
}
