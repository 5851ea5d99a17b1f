import ArgumentParser
import Gateway
import Ledger

/// `dip account balance`.
struct AccountBalance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show what an account has, in all tokens or in one.",
        discussion: """
              dip account balance mill
              dip account balance 0x… --token EBD --at 1200

            Without an account: the only one in the keystore. What is held is money of the account \
            that a token did not let through when it was paid (see 'dip token release').
            """)

    @Argument(help: "The account.")
    var account: String?

    @Option(help: ArgumentHelp("One token only: its symbol or address.", valueName: "token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "At which block (needs --token): a height, earliest, latest, safe.",
            valueName: "block"))
    var at: String?

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard at == nil || token != nil else { throw ValidationError("--at needs --token.") }
    }

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        if let token {
            try await one(session, account, try await session.currency(token))
        } else {
            try await all(session, account)
        }
    }

    private func one(_ session: Session, _ account: Address, _ token: Currency) async throws {
        let block: JSON = at.flatMap { UInt64($0) }.map { .integer($0) } ?? .string(at ?? "latest")
        let amount = try await session.number(
            "dip_balanceAt", .string(account.hex), .string(token.address.hex), block)
        session.show([
            "account": .string(account.checksummed), "token": .string(token.address.checksummed),
            "symbol": .string(token.symbol), "decimals": .integer(token.decimals),
            "amount": .string(String(amount)), "whole": .string(token.plain(amount)),
        ]) { Output.line(token.text(amount)) }
    }

    private func all(_ session: Session, _ account: Address) async throws {
        var result = try await session.call("dip_balances", .string(account.hex))
        var balances = result["balances"]?.elements ?? []
        while let next = result["next"], !next.isNull, balances.count < 10_000 {
            result = try await session.call("dip_balances", .string(account.hex), next)
            balances += result["balances"]?.elements ?? []
        }
        if session.isJSON {
            return Output.json(
                .members([
                    ("account", .string(account.checksummed)), ("nonce", result["nonce"]),
                    ("feePayer", result["feePayer"]), ("balances", .array(balances)),
                ]))
        }
        Output.line(session.names.text(account))
        var rows: [[String]] = []
        for balance in balances {
            guard let currency = Currency(balance) else { continue }
            var notes: [String] = []
            if let held = balance["held"], held.whole ?? 0 > 0 {
                notes.append("held: \(currency.text(held))")
            }
            if balance["frozen"]?.bool == true { notes.append("frozen") }
            if balance["allowed"]?.bool == false { notes.append("not allowed") }
            rows.append([
                currency.symbol, currency.number(balance["amount"]?.whole ?? 0),
                currency.address.checksummed, notes.joined(separator: ", "),
            ])
        }
        Output.table(["token", "balance", "address", ""], rows, right: [1])
        if let payer = result["feePayer"]?.address {
            Output.line("Fees are paid by \(session.names.text(payer)).")
        }
    }
}

/// `dip account nonce`.
struct AccountNonce: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nonce",
        abstract: "Show how many transactions of an account there are.",
        discussion: "The first number counts what was carried out, the second what waits as well.")

    @Argument(help: "The account.")
    var account: String?

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let name = JSON.string(account.hex)
        let latest = try await session.number("eth_getTransactionCount", name, "latest")
        let pending = try await session.number("eth_getTransactionCount", name, "pending")
        session.show([
            "account": .string(account.checksummed), "latest": .integer(latest),
            "pending": .integer(pending),
        ]) { Output.line(pending == latest ? "\(latest)" : "\(latest) \(pending)") }
    }
}

/// `dip account claims`.
struct AccountClaims: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "List what an account is owed: its claims on orders.")

    @Argument(help: "The account.")
    var account: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 1000

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be above 0.") }
    }

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let claims = try await session.pages(
            "dip_claimsOf", [.string(account.hex)], member: "claims", atMost: limit)
        session.show(["account": .string(account.checksummed), "claims": .array(claims)]) {
            let rows = claims.map { claim -> [String] in
                let currency = Currency(claim) ?? .unknown
                let buyer = claim["buyer"]?.address
                let gate = claim["gate"]?.whole
                return [
                    claim["order"]?.plain ?? "?", claim["line"]?.plain ?? "?",
                    currency.text(claim["units"]),
                    buyer.map { session.names.text($0) } ?? "?",
                    Moment.text(claim["dueAt"]?.whole64 ?? 0),
                    gate.map { "waits for gate \($0)" } ?? "",
                ]
            }
            Output.table(
                ["order", "line", "units", "owed by", "due", ""], rows, right: [0, 1, 2])
        }
    }
}
