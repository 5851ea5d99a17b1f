import ArgumentParser
import BankDesk
import JSON
import Ledger

/// `dip bank redemptions`.
struct BankRedemptions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redemptions", abstract: "List redemptions and how far the desk is with each.")

    @Flag(help: "Also those that have ended.")
    var all = false

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var desk: DeskOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let open = try desk.open()
        let found = try open.journal.redemptions(onlyOpen: !all, atMost: limit)
        if output.json { return Output.json(.array(found.map(\.json))) }
        guard !found.isEmpty else { return Output.note("there is none") }
        Output.table(
            ["redemption", open.currency.symbol, "state", "customer", "payment file"],
            found.map { one in
                [
                    "\(one.id)", open.currency.number(one.amount),
                    one.state + (one.reason.map { " (\($0))" } ?? ""),
                    one.customer.map { "\($0)" } ?? "", one.batch ?? "",
                ]
            }, right: [0, 1])
    }
}

extension Journal.Redemption {
    /// As programs read it.
    var json: JSON {
        .members([
            ("id", .integer(id)), ("owner", .string(owner.checksummed)),
            ("amount", .string(String(amount))), ("state", .string(state)),
            ("reason", reason.map { .string($0) }), ("customer", customer.map { .integer($0) }),
            ("batch", batch.map { .string($0) }),
        ])
    }
}

/// `dip bank redeem`.
struct BankRedeem: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeem",
        abstract: "Turn deposit tokens into money in your account at the bank.",
        discussion: """
            For the bank's customer. The payout is what the bank gave you for your account number.

              dip bank redeem DEUR 1500.00 --payout 0x…
            """)

    @OptionGroup var token: TokenAmountOptions

    @Argument(help: "How much, such as 12.50.")
    var amount: String

    @Option(help: ArgumentHelp("What stands for your account at the bank.", valueName: "bytes"))
    var payout: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token.token)
        let amount = try currency.amount(amount, inUnits: token.units)
        let payout = try Payout(payout)
        let call = ContractCall(.banks, IBanks.Function.redeem, words: 3) {
            $0.write(currency.address)
            $0.write(amount)
            $0.write(word: payout.word)
        }
        return Plan(call, "redeem \(currency.text(amount))") { reader in
            let id: UInt64 = try reader.uint()
            return ("redemption \(id)", JSON.Member("redemption", .integer(id)))
        }
    }
}

/// `dip bank payout`.
struct BankPayout: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "payout",
        abstract: "Have what orders pay you go straight to your account at the bank.",
        discussion: """
            For the bank's customer: as soon as you have the minimum, all of it is redeemed by itself.

              dip bank payout DEUR --payout 0x… --minimum 100
              dip bank payout DEUR --payout none
            """)

    @Argument(help: "The token: its symbol or address.")
    var token: String

    @Option(
        help: ArgumentHelp(
            "What stands for your account at the bank; none: keep the tokens.",
            valueName: "bytes"))
    var payout: String

    @Option(help: ArgumentHelp("Not below this.", valueName: "amount"))
    var minimum = "0"

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let currency = try await session.currency(token)
        let minimum = try currency.amount(minimum)
        let word = try payout == "none" ? Hash32.zero : Payout(payout).word
        let call = ContractCall(.banks, IBanks.Function.setAutoRedeem, words: 3) {
            $0.write(currency.address)
            $0.write(word: word)
            $0.write(minimum)
        }
        return Plan(
            call,
            word == .zero
                ? "keep \(currency.symbol) that is paid to you"
                : "redeem \(currency.symbol) that is paid to you from \(currency.text(minimum)) on")
    }
}

/// 32 bytes that stand for an account at a bank.
private struct Payout {
    let word: Hash32

    init(_ text: String) throws {
        guard let word = Hash32(hex: text), word != .zero else {
            throw Failure.usage("\"\(text)\" is no payout: 0x and 64 hexadecimal digits")
        }
        self.word = word
    }
}
