import ArgumentParser
import Ledger

/// `dip token transfer`.
struct TokenTransfer: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Send a token.",
        discussion: """
              dip token transfer EBD mill 1250.50
              dip token transfer EBD mill 10 --from client
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "Who gets it.")
    var to: String

    @Argument(help: "How much, such as 12.50.")
    var amount: String

    @Option(
        help: ArgumentHelp(
            "Take it from this account, which has approved you.", valueName: "account"))
    var from: String?

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let to = try session.names.address(to)
        let from = try from.map { try session.names.address($0) }
        let currency = try await session.currency(token.token)
        let amount = try currency.amount(amount, inUnits: token.units)
        let what = "send \(currency.text(amount)) to \(session.names.text(to))"
        if let from {
            let call = ContractCall(
                currency.address, IToken.Function.transferFrom, words: 3
            ) {
                $0.write(from)
                $0.write(to)
                $0.write(amount)
            }
            return Plan(call, what + " from \(session.names.text(from))")
        }
        let call = ContractCall(currency.address, IToken.Function.transfer, words: 2) {
            $0.write(to)
            $0.write(amount)
        }
        return Plan(call, what)
    }
}

/// `dip token approve`.
struct TokenApprove: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Let an account spend some of your tokens.",
        discussion: "A new approval takes the place of the old one; 0 takes it back.")

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "Who may spend.")
    var spender: String

    @Argument(help: "Up to how much; unlimited for no limit.")
    var amount: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let spender = try session.names.address(spender)
        let currency = try await session.currency(token.token)
        let limit = try Allowance(amount, currency, inUnits: token.units)
        let call = ContractCall(currency.address, IToken.Function.approve, words: 2) {
            $0.write(spender)
            $0.write(word: limit.word)
        }
        return Plan(call, "let \(session.names.text(spender)) spend \(limit.text)")
    }
}

/// How much somebody may spend; unlimited is 2^256 − 1.
struct Allowance {
    let word: Hash32
    let text: String

    init(_ amount: String, _ currency: Currency, inUnits: Bool) throws {
        if amount == "unlimited" {
            word = .allOnes
            text = "any amount of your \(currency.symbol)"
        } else {
            let units = try currency.amount(amount, inUnits: inUnits)
            word = Hash32(word: units)
            text = "up to \(currency.text(units)) of yours"
        }
    }
}

/// `dip token release`.
struct TokenRelease: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Pay an account what its token held back; anybody may do that.")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "Whose money is held.")
    var account: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let account = try session.names.address(account)
        let currency = try await session.currency(token)
        let call = ContractCall(currency.address, IToken.Function.releaseHeld, words: 1) {
            $0.write(account)
        }
        return Plan(
            call, "pay \(session.names.text(account)) the \(currency.symbol) that are held for it")
    }
}
