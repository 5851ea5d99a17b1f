import ArgumentParser
import Gateway
import JSON
import Ledger

/// `dip account balance`.
struct AccountBalance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "balance",
        abstract: "Show what an account has, in all tokens or in one.",
        discussion: """
              dip account balance mill
              dip account balance 0x… --token EBD --at 1200
              dip account balance mill --at 2026-12-31

            Without an account: the only one in the keystore. What is held is money of the account \
            that a token did not let through when it was paid (see 'dip token release'). \
            With --at, what the account had after a block, or at the end of a day (UTC): the \
            balances of every block are kept.
            """)

    @Argument(help: "The account.")
    var account: String?

    @Option(help: ArgumentHelp("One token only: its symbol or address.", valueName: "token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "After which block, or at what time: a height, earliest, latest, safe; a date such as 2026-12-31.",
            valueName: "when"))
    var at: String?

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        if let token {
            try await one(session, account, try await session.currency(token))
        } else if let at {
            try await past(session, account, at)
        } else {
            try await all(session, account)
        }
    }

    private func one(_ session: Session, _ account: Address, _ token: Currency) async throws {
        let block = try await place(at, session)
        let amount = try await session.balance(of: account, in: token, at: block)
        session.show([
            "account": .string(account.checksummed), "token": .string(token.address.checksummed),
            "symbol": .string(token.symbol), "decimals": .integer(token.decimals),
            "amount": .string(String(amount)), "whole": .string(token.plain(amount)),
        ]) { Output.line(token.text(amount)) }
    }

    /// What the account had of every token that there is now.
    private func past(_ session: Session, _ account: Address, _ at: String) async throws {
        let block = try await place(at, session)
        var balances: [(token: Currency, amount: UInt128)] = []
        for token in try await session.pages("dip_tokens", [], member: "tokens", atMost: 100_000)
            .elements
        {
            guard let currency = Currency(token) else { throw session.strange("dip_tokens", token) }
            let amount = try await session.balance(of: account, in: currency, at: block)
            if amount > 0 || currency == .dip { balances.append((currency, amount)) }
        }
        session.show([
            "account": .string(account.checksummed), "at": block,
            "balances": .array(
                balances.map { token, amount in
                    [
                        "token": .string(token.address.checksummed),
                        "symbol": .string(token.symbol), "decimals": .integer(token.decimals),
                        "amount": .string(String(amount)),
                    ]
                }),
        ]) {
            Output.line(session.names.text(account))
            Output.table(
                ["token", "balance", "address"],
                balances.map { [$0.symbol, $0.number($1), $0.address.checksummed] }, right: [1])
        }
    }

    private func place(_ at: String?, _ session: Session) async throws -> JSON {
        guard let at else { return "latest" }
        let now = try await session.blockTime()
        let place = try AccountStatement.place(at, now, isEnd: true)
        if let time = place["time"]?.whole64, time > now {
            Output.note(
                "dip: \(Moment.text(time)) is still to come: this is what there is at the last block, of \(Moment.text(now))"
            )
        }
        return place
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

extension Session {
    /// What an account had of a token after a block, however many changes ago.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - token: of what.
    ///   - block: a height, a tag or a time, as the node takes it.
    /// - Returns: smallest units.
    /// - Throws: what a call throws.
    func balance(of account: Address, in token: Currency, at block: JSON) async throws -> UInt128 {
        var from = JSON.null
        while true {
            do {
                return try await number(
                    "dip_balanceAt", .string(account.hex), .string(token.address.hex), block, from)
            } catch ClientFault.method(let error) where error.code == -32005 {
                // So many blocks a call; the node says from which to go on.
                guard let next = error.data?["next"], next != from else {
                    throw ClientFault.method(error)
                }
                from = next
            }
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

    @OptionGroup var list: ListOptions
    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let claims = try await session.pages(
            "dip_claimsOf", [.string(account.hex)], member: "claims", atMost: list.limit)
        session.show(claims.json("claims", [("account", .string(account.checksummed))])) {
            let rows = claims.elements.map { claim -> [String] in
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
            claims.noteRest()
        }
    }
}
