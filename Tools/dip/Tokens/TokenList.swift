import ArgumentParser
import JSON
import Ledger

/// `dip token list`.
struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List all tokens of the ledger.")

    @OptionGroup var list: ListOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let tokens = try await session.pages("dip_tokens", [], member: "tokens", atMost: list.limit)
        session.show(tokens.json("tokens")) {
            let rows = tokens.elements.compactMap { token -> [String]? in
                guard let currency = Currency(token) else { return nil }
                return [
                    currency.symbol, Output.clean(token["name"]?.string ?? "", atMost: 40),
                    currency.number(token["supply"]?.whole ?? 0), "\(currency.decimals)",
                    currency.address.checksummed,
                    (token["controls"]?.elements ?? []).map(\.plain).joined(separator: " "),
                ]
            }
            Output.table(
                ["symbol", "name", "supply", "decimals", "address", "controls"], rows,
                right: [2, 3])
            tokens.noteRest()
        }
    }
}

/// `dip token show`.
struct TokenShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a token is and what its issuer can do.")

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let currency = try await session.currency(token)
        let token = try await session.call("dip_token", .string(currency.address.hex))
        session.show(token) {
            Output.line(
                "\(currency.symbol)  \(Output.clean(token["name"]?.string ?? "", atMost: 100))")
            Output.line("address   \(currency.address.checksummed)")
            Output.line("decimals  \(currency.decimals)")
            Output.line("supply    \(currency.text(token["supply"]))")
            if let cap = token["cap"] { Output.line("cap       \(currency.text(cap))") }
            if let issuer = token["issuer"]?.address {
                Output.line("issuer    \(session.names.text(issuer))")
            }
            let controls = (token["controls"]?.elements ?? []).map(\.plain)
            Output.line("controls  \(controls.isEmpty ? "none" : controls.joined(separator: ", "))")
            if token["paused"]?.bool == true { Output.line("It is paused: nothing moves.") }
            if let uri = token["uri"]?.string, !uri.isEmpty {
                Output.line("more at   \(Output.clean(uri, atMost: 200))")
            }
        }
    }
}

/// `dip token held`.
struct TokenHeld: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "held",
        abstract: "Show what a token holds for an account that it refused to pay.",
        discussion: """
            A payout to an account that is frozen, not allowed, or in a paused token does not stop \
            the others: it is held, and 'dip token release' pays it once the token lets it through.
            """)

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Argument(help: "The account.")
    var account: String?

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let currency = try await session.currency(token)
        let call = ContractCall(currency.address, IToken.Function.heldOf, words: 1) {
            $0.write(account)
        }
        let held = try await session.read(call) { reader throws(Rejection) in
            try reader.amount()
        }
        session.show([
            "account": .string(account.checksummed),
            "token": .string(currency.address.checksummed), "held": .string(String(held)),
        ]) { Output.line(currency.text(held)) }
    }
}
