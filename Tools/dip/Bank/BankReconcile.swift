import ArgumentParser
import BankDesk
import Gateway
import JSON
import Ledger

/// `dip bank reconcile`.
struct BankReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compare a day's statement with the ledger, line by line.",
        discussion: """
            The statement's closing booked balance must be the token's supply, less what the bank has paid and \
            the ledger has not settled yet, and so on for all that is on its way. Exit status 0: it is. 1: \
            something was put aside, or is not explained; every line says what. 64: there is no statement.

              dip bank reconcile --date 2026-11-25
            """)

    @Option(
        help: ArgumentHelp("The day; without it the last one with a statement.", valueName: "day"))
    var date: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let statement = try open.statement(of: date)
        let client = RPCClient(try node.endpoint(open.settings).endpoint())
        let result = try await Reconciliation(
            statement, open.journal, NodeLedger(client), open.settings)
        if output.json {
            Output.json(result.json)
        } else {
            tell(result, open.currency)
        }
        if !result.isBalanced { throw ExitCodeOnly(status: 1) }
    }

    private func tell(_ result: Reconciliation, _ currency: Currency) {
        Output.line("\(result.day), statement \(result.statement.hex)")
        var rows = [
            ["closing booked balance", Self.text(result.balance, currency), ""],
            ["supply", Self.text(Int128(clamping: result.supply), currency), ""],
            ["  of it in redemptions", Self.text(Int128(clamping: result.inFlight), currency), ""],
        ]
        if result.inHand > 0 {
            rows.append([
                "in hand of other banks", Self.text(Int128(clamping: result.inHand), currency), "",
            ])
        }
        rows += result.lines.map { line in
            let subject =
                line.redemption.map { "redemption \($0)" }
                ?? line.entry.map { "entry \($0)" } ?? ""
            let why = line.reason.map { ", \($0)" } ?? ""
            return [line.kind.rawValue, Self.text(line.amount, currency), subject + why]
        }
        rows.append(["not explained", Self.text(result.unexplained, currency), ""])
        Output.table(["", currency.symbol, ""], rows, right: [1])
        Output.line(result.isBalanced ? "Balanced." : "Not balanced.")
    }

    private static func text(_ amount: Int128, _ currency: Currency) -> String {
        (amount < 0 ? "-" : "") + currency.number(amount.magnitude)
    }
}

extension Reconciliation {
    /// As programs read it.
    var json: JSON {
        .members([
            ("balanced", .bool(isBalanced)), ("day", .string(day)),
            ("statement", .string(statement.hex)), ("balance", .string(String(balance))),
            ("supply", .string(String(supply))), ("inFlight", .string(String(inFlight))),
            ("inHand", .string(String(inHand))),
            ("unexplained", .string(String(unexplained))),
            (
                "lines",
                .array(
                    lines.map { line in
                        .members([
                            ("kind", .string(line.kind.rawValue)),
                            ("amount", .string(String(line.amount))),
                            ("entry", line.entry.map { .integer($0) }),
                            ("redemption", line.redemption.map { .integer($0) }),
                            ("reason", line.reason.map { .string($0) }),
                        ])
                    })
            ),
        ])
    }
}

/// `dip bank reserve`.
struct BankReserve: DeskSendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reserve",
        abstract:
            "Attest a day's balance on the ledger, where everybody sees it beside the supply.",
        discussion: """
            The desk attests each new statement by itself; this does it again, or for another day.
            """)

    @Option(
        help: ArgumentHelp("The day; without it the last one with a statement.", valueName: "day"))
    var date: String?

    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let statement = try desk.statement(of: date)
        guard statement.balance >= 0 else {
            throw Failure.failed(
                "the account was overdrawn on \(statement.day): there is no reserve to attest")
        }
        let now = try await session.blockTime()
        let asOf = min(EndOfDay.seconds(statement.day) ?? now, now)
        let balance = UInt128(clamping: statement.balance)
        let call = ContractCall(.banks, IBanks.Function.attestReserve, words: 4) {
            $0.write(desk.settings.token)
            $0.write(balance)
            $0.write(word: statement.hash)
            $0.write(asOf)
        }
        return Plan(call, "attest \(desk.currency.text(balance)) on \(statement.day)")
    }
}
