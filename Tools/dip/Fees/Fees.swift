import ArgumentParser
import JSON
import Ledger

/// `dip fees …`.
struct Fees: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fees",
        abstract: "Let one account pay the fees of another.",
        discussion: """
            A bank grants a client a limit; the client names the bank as its payer. From then on \
            the client needs no DIP.

              dip fees grant client 5 --until 2027-01-01 --account bank
              dip fees payer bank --account client
            """,
        subcommands: [FeesGrant.self, FeesShow.self, FeesPayer.self])
}

/// `dip fees grant`.
struct FeesGrant: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Let an account spend some of your DIP on fees.",
        discussion: "A new grant takes the place of the old one; a limit of 0 takes it back.")

    @Argument(help: "Whose fees are paid.")
    var to: String

    @Argument(help: "Up to how much in all, in DIP.")
    var limit: String

    @Option(help: ArgumentHelp("Until when: \(Moment.help).", valueName: "time"))
    var until: Moment

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let to = try session.names.address(to)
        let limit = try Currency.dip.amount(limit)
        let expiry = until.seconds(now: try await session.blockTime())
        if limit > 0 { Moment.warn(ofPast: expiry, "--until", "no fee is paid with this") }
        let call = ContractCall(.dip, IDip.Function.grantFees, words: 3) {
            $0.write(to)
            $0.write(limit)
            $0.write(expiry)
        }
        return Plan(
            call,
            "pay up to \(Currency.dip.text(limit)) of the fees of \(session.names.text(to)) until "
                + Moment.text(expiry))
    }
}

/// `dip fees payer`.
struct FeesPayer: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "payer", abstract: "Say who pays your fees, out of what it granted you.")

    @Argument(help: "The account that pays, or none.")
    var payer: String

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let payer = try payer == "none" ? .zero : session.names.address(payer)
        let call = ContractCall(.dip, IDip.Function.setFeePayer, words: 1) { $0.write(payer) }
        return Plan(
            call,
            payer == .zero
                ? "pay your fees yourself" : "have \(session.names.text(payer)) pay your fees")
    }
}

/// `dip fees show`.
struct FeesShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show who pays an account's fees and how much is left.")

    @Argument(help: "The account.")
    var account: String?

    @Option(
        help: ArgumentHelp(
            "The grant of this payer instead of the one that is set.", valueName: "account"))
    var payer: String?

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        let session = try reading.session()
        let account = try session.account(account)
        let named = ContractCall(.dip, IDip.Function.feePayer, words: 1) { $0.write(account) }
        let payer = try await payer.map { try session.names.address($0) }.orAsk {
            try await session.read(named) { reader throws(Rejection) in try reader.address() }
        }
        guard payer != .zero, payer != account else {
            return session.show(["account": .string(account.checksummed), "payer": nil]) {
                Output.line("\(session.names.text(account)) pays its fees itself.")
            }
        }
        let grant = ContractCall(.dip, IDip.Function.feeGrant, words: 2) {
            $0.write(payer)
            $0.write(account)
        }
        let (left, expiry) = try await session.read(grant) { reader throws(Rejection) in
            (try reader.amount(), try reader.uint(UInt64.self))
        }
        session.show([
            "account": .string(account.checksummed), "payer": .string(payer.checksummed),
            "left": .string(String(left)), "expiry": .integer(expiry),
        ]) {
            Output.line(
                "\(session.names.text(payer)) pays up to \(Currency.dip.text(left)) more of the "
                    + "fees of \(session.names.text(account)), until \(Moment.text(expiry)).")
        }
    }
}
