import ArgumentParser
import BankDesk
import Gateway
import Ledger

/// `dip bank issue`.
struct BankIssue: DeskSendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue deposit tokens by hand, against money that has arrived.",
        discussion: """
            With the reference under which the bank's messages will tell of the money: the ledger takes it once, \
            so that the desk does not issue it again.

              dip bank issue 12 1500.00 --reference 20261125-000077
            """)

    @Argument(help: "The customer: number, address or label.")
    var customer: String

    @Argument(help: "How much, such as 12.50.")
    var amount: String

    @Option(
        help: ArgumentHelp(
            "The account servicer's reference of the payment.", valueName: "reference"))
    var reference: String

    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let customer = try desk.customer(customer, session.names)
        let amount = try desk.currency.amount(amount)
        let word = desk.settings.ledgerReference(of: reference)
        let call = ContractCall(.banks, IBanks.Function.issue, words: 4) {
            $0.write(desk.settings.token)
            $0.write(customer.address)
            $0.write(amount)
            $0.write(word: word)
        }
        let hash = Keccak256.hash(call.data).hex
        Output.note("above the limit a day the checker approves it first: dip bank approve \(hash)")
        return Plan(call, "issue \(desk.currency.text(amount)) to customer \(customer.id)")
    }
}

/// `dip bank approve`.
struct BankApprove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let the bank's operator make a call that takes two keys; for the checker.",
        discussion: """
            Without a hash: lists what the desk waits with. An approval counts for one call and seven days.

              dip bank approve --desk desk
              dip bank approve 0x… --account checker
            """)

    @Argument(help: "The hash of the call.")
    var hash: String?

    @OptionGroup var desk: DeskFolderOptions
    @OptionGroup var sending: SendingOptions

    func run() async throws {
        guard let hash else { return try list() }
        guard let word = Hash32(hex: hash) else {
            throw Failure.usage("\"\(hash)\" is no hash: 0x and 64 hexadecimal digits")
        }
        let session = try Session(sending.node, sending.keystore, sending.output)
        let signer = try Signer(sending.signer, session.keystore)
        let sender = Sender(session: session, options: sending, signer: signer)
        let plan = Plan(Self.call(word), "approve the call \(hash)")
        if sending.dryRun {
            try await sender.tell(plan)
        } else {
            try await sender.send(plan)
        }
    }

    static func call(_ hash: Hash32) -> ContractCall {
        ContractCall(.banks, IBanks.Function.approve, words: 1) { $0.write(word: hash) }
    }

    private func list() throws {
        let waiting = try desk.options.open().journal.waitingCalls()
        let rows = waiting.map { (call, reason) in
            (Keccak256.hash(call.data).hex, call.purpose.rawValue, reason, call.id)
        }
        if sending.output.json {
            return Output.json(
                .array(
                    rows.map {
                        [
                            "hash": .string($0.0), "purpose": .string($0.1),
                            "reason": .string($0.2), "call": .integer($0.3),
                        ]
                    }))
        }
        guard !rows.isEmpty else { return Output.note("the desk waits with nothing") }
        Output.table(["hash", "to", "why it waits"], rows.map { [$0.0, $0.1, $0.2] })
    }
}

/// `dip bank limit`.
struct BankLimit: DeskSendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract:
            "Set how much the desk may issue a day; more than before takes the checker's approval.")

    @Argument(help: "How much a day (UTC), such as 5000000.")
    var amount: String

    @Flag(help: "The amount is in smallest units.")
    var units = false

    @OptionGroup var desk: DeskOptions
    @OptionGroup var sending: DeskSendingOptions

    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan {
        let amount = try desk.currency.amount(amount, inUnits: units)
        let call = Self.call(desk.settings.token, amount)
        Output.note(
            "the checker approves it first: dip bank approve \(Keccak256.hash(call.data).hex)")
        return Plan(call, "let \(desk.currency.text(amount)) a day be issued")
    }

    static func call(_ token: Address, _ amount: UInt128) -> ContractCall {
        ContractCall(.banks, IBanks.Function.setIssueLimit, words: 2) {
            $0.write(token)
            $0.write(amount)
        }
    }
}

/// Which desk, where the password's options belong to who signs.
struct DeskFolderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The desk's folder; without it the environment's DIP_DESK, then the folder you are in.",
            valueName: "folder"), completion: .directory)
    var desk: String?

    /// As other commands of a desk take it.
    var options: DeskOptions {
        get throws {
            var options = try DeskOptions.parse([])
            options.desk = desk
            return options
        }
    }
}
