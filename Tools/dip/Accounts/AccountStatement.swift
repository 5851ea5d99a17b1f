import ArgumentParser
import Files
import ISO20022
import JSON
import Ledger

/// `dip account statement`.
struct AccountStatement: AsyncParsableCommand {
    /// How a statement is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, csv, json
    }

    static let configuration = CommandConfiguration(
        commandName: "statement",
        abstract: "List an account's movements, the newest first.",
        discussion: """
            Every movement has the balance after it, so that statements can be checked against \
            each other. In CSV, amounts are whole units with a decimal point. Payments of orders are \
            shown with order, line and buyer.

            With --camt053 a file is written that programs for bookkeeping read (camt.053.001.08), of a \
            bank's deposit token and a time that ends with --to, a day included.

              dip account statement mill --token EBD --from 2026-10-01 --to 2026-10-31
              dip account statement mill --format csv > october.csv
              dip account statement mill --token EBD --from 2026-10-01 --to 2026-10-31 --camt053 october.xml
            """)

    @Argument(help: "The account.")
    var account: String?

    @Option(help: ArgumentHelp("One token only: its symbol or address.", valueName: "token"))
    var token: String?

    @Option(
        help: ArgumentHelp(
            "From which block or time on: a height, or a date such as 2026-10-01.",
            valueName: "when"))
    var from: String?

    @Option(
        help: ArgumentHelp("Up to which block or time, included.", valueName: "when"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "At most so many movements, the newest; 100 unless said, in CSV all.",
            valueName: "number"))
    var limit: Int?

    @Option(help: "table, csv or json.")
    var format: Format?

    @Option(
        help: ArgumentHelp("Write a camt.053.001.08 instead.", valueName: "file"),
        completion: .file())
    var camt053: String?

    @Option(
        help: ArgumentHelp(
            "What that file calls the account: an IBAN, or a number of your own.",
            valueName: "number"))
    var accountNumber: String?

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard camt053 == nil || token != nil && from != nil else {
            throw ValidationError("--camt053 needs --token and --from.")
        }
        guard camt053 == nil || format == nil else {
            throw ValidationError("Give --camt053 or --format, not both.")
        }
        guard accountNumber == nil || camt053 != nil else {
            throw ValidationError("--account-number goes with --camt053.")
        }
        guard (1...1_000_000).contains(limit ?? 1) else {
            throw ValidationError("--limit must be from 1 to 1000000.")
        }
    }

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        if let camt053 { return try await write(camt053, session, account) }
        let format = format ?? (session.isJSON ? .json : .table)
        let found = try await movements(session, account, format)
        switch format {
        case .json:
            return Output.json(
                .members([
                    ("account", .string(account.checksummed)),
                    ("entries", .array(found.entries)),
                    ("truncated", found.isComplete ? nil : true),
                ]))
        case .csv: printCSV(found.entries)
        case .table: printTable(found.entries, session.names)
        }
        if !found.isComplete {
            Output.note("only the newest \(found.entries.count) movements are shown: --limit")
        }
    }

    private func movements(
        _ session: Session, _ account: Address, _ format: Format
    ) async throws -> Movements {
        let currency = try await token.asyncMap { try await session.currency($0) }
        let now = try await session.blockTime()
        let range = [
            try Self.place(from, now, isEnd: false), try Self.place(to, now, isEnd: true),
        ]
        return try await Movements(
            session, of: account, in: currency?.address, from: range[0], to: range[1],
            // Books are added up; a table is looked at.
            atMost: limit ?? (format == .csv ? .max : 100))
    }

    // MARK: For bookkeeping

    private func write(_ file: String, _ session: Session, _ account: Address) async throws {
        let currency = try await session.currency(token ?? "")
        let now = try await session.blockTime()
        let number = try accountNumber.map { text in
            guard let number = AccountID(text) else {
                throw Failure.usage("\"\(text)\" is no account number: 1 to 34 characters")
            }
            return number
        }
        let message = StatementMessage(
            session: session, account: account, currency: currency, number: number,
            name: { session.names.short($0) })
        let bytes = try await message.bytes(
            from: try Self.second(from ?? "", now, isEnd: false),
            until: try Self.second(to ?? "\(now)", now, isEnd: true))
        try WholeFile.write(bytes, to: file, mode: 0o600, replacing: true)
        if session.isJSON {
            Output.json(["ok": true, "file": .string(file)])
        } else {
            Output.line("The statement is in \(file).")
        }
    }

    /// A time; a day alone means all of it.
    private static func second(_ text: String, _ now: UInt64, isEnd: Bool) throws -> UInt64 {
        if let day = CivilDate(text), day.daysSince1970 >= 0 {
            return UInt64(day.daysSince1970) * 86_400 + (isEnd ? 86_399 : 0)
        }
        return try Moment.seconds(text, now: now)
    }

    /// A height, a tag or a time, as the node takes it.
    static func place(_ text: String?, _ now: UInt64, isEnd: Bool) throws -> JSON {
        guard let text else { return .null }
        if ["latest", "earliest", "safe", "finalized"].contains(text) { return .string(text) }
        // Heights are far below the seconds since 1970.
        if let height = UInt64(text), height < 1_000_000_000 { return .integer(height) }
        return ["time": .integer(try second(text, now, isEnd: isEnd))]
    }

    private func printCSV(_ entries: [JSON]) {
        Output.csv([
            "time", "block", "transaction", "kind", "amount", "symbol", "balance", "counterparty",
            "order", "line", "token", "buyer",
        ])
        for entry in entries {
            let currency = Currency(entry)
            func amount(_ name: String) -> String {
                guard let text = entry[name]?.string, let currency,
                    let units = Amount(decimal: text.drop { $0 == "-" })
                else { return "" }
                return (text.hasPrefix("-") ? "-" : "") + currency.plain(units.units)
            }
            Output.csv([
                Moment.text(entry["time"]?.whole64 ?? 0).replacing(" ", with: "T"),
                entry["block"]?.plain ?? "", entry["transaction"]?.string ?? "",
                entry["kind"]?.plain ?? "", amount("amount"), currency?.symbol ?? "",
                amount("balance"), entry["counterparty"]?.address?.checksummed ?? "",
                entry["order"]?.plain ?? "", entry["line"]?.plain ?? "",
                entry["token"]?.address?.checksummed ?? "",
                entry["buyer"]?.address?.checksummed ?? "",
            ])
        }
    }

    private func printTable(_ entries: [JSON], _ names: Names) {
        guard !entries.isEmpty else { return Output.note("no movements in that time") }
        let rows = entries.map { entry in
            let currency = Currency(entry)
            var what = entry["kind"]?.plain ?? "?"
            if let order = entry["order"]?.whole { what += ", order \(order)" }
            if let line = entry["line"]?.whole { what += " line \(line)" }
            if let buyer = entry["buyer"]?.address { what += ", buyer \(names.short(buyer))" }
            if let redemption = entry["redemption"]?.whole { what += " \(redemption)" }
            return [
                Moment.text(entry["time"]?.whole64 ?? 0), entry["block"]?.plain ?? "", what,
                entry["counterparty"]?.address.map { names.short($0) } ?? "",
                currency?.text(entry["amount"]) ?? "?",
                currency?.text(entry["balance"]) ?? "?",
            ]
        }
        Output.table(
            ["time", "block", "what", "with", "amount", "balance"], rows, right: [1, 4, 5])
    }
}

extension Optional {
    /// As `map`, for what has to wait.
    func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
