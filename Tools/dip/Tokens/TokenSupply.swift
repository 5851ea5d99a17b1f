import ArgumentParser
import Ledger

/// `dip token mint`.
struct TokenMint: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "mint", abstract: "Make more of a token (MINTER_ROLE).")

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "Who gets it.")
    var to: String

    @Argument(help: "How much.")
    var amount: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let to = try session.names.address(to)
        let currency = try await session.currency(token.token)
        let amount = try currency.amount(amount, inUnits: token.units)
        let call = ContractCall(currency.address, IToken.Function.mint, words: 2) {
            $0.write(to)
            $0.write(amount)
        }
        return Plan(call, "make \(currency.text(amount)) for \(session.names.text(to))")
    }
}

/// `dip token burn`.
struct TokenBurn: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "burn", abstract: "Destroy what you hold of a token.")

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "How much.")
    var amount: String

    @Option(
        help: ArgumentHelp(
            "Destroy what this account holds, which has approved you.", valueName: "account"))
    var from: String?

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let from = try from.map { try session.names.address($0) }
        let currency = try await session.currency(token.token)
        let amount = try currency.amount(amount, inUnits: token.units)
        guard let from else {
            let call = ContractCall(currency.address, IToken.Function.burn, words: 1) {
                $0.write(amount)
            }
            return Plan(call, "destroy \(currency.text(amount))")
        }
        let call = ContractCall(currency.address, IToken.Function.burnFrom, words: 2) {
            $0.write(from)
            $0.write(amount)
        }
        return Plan(call, "destroy \(currency.text(amount)) of \(session.names.text(from))")
    }
}

/// `dip token clawback`.
struct TokenClawback: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "clawback",
        abstract: "Take units back from an account (CLAWBACK_ROLE).",
        discussion: """
            Reaches what is held for the account as well.

              dip token clawback EBD lost-account new-account 250 --reason 'court order 4711'
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "From whom.")
    var from: String

    @Argument(help: "For whom.")
    var to: String

    @Argument(help: "How much.")
    var amount: String

    @Option(
        help: ArgumentHelp(
            "Why: a text, or a hash of one (0x and 64 digits).", valueName: "text"))
    var reason: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let from = try session.names.address(from)
        let to = try session.names.address(to)
        let currency = try await session.currency(token.token)
        let amount = try currency.amount(amount, inUnits: token.units)
        let call = ContractCall(currency.address, IToken.Function.clawback, words: 4) {
            $0.write(from)
            $0.write(to)
            $0.write(amount)
            $0.write(word: Digest.word(reason))
        }
        return Plan(
            call,
            "take \(currency.text(amount)) back from \(session.names.text(from)) for "
                + session.names.text(to))
    }
}

/// `dip token pause`.
struct TokenPause: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop all transfers of a token (PAUSER_ROLE).",
        discussion: "Payouts of orders are held meanwhile, none is lost.")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token)
        return Plan(
            ContractCall(currency.address, IToken.Function.pause), "pause \(currency.symbol)")
    }
}

/// `dip token unpause`.
struct TokenUnpause: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpause", abstract: "Let a paused token move again (PAUSER_ROLE).")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token)
        return Plan(
            ContractCall(currency.address, IToken.Function.unpause),
            "let \(currency.symbol) move again")
    }
}
