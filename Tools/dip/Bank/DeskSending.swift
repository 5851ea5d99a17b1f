import ArgumentParser
import BankDesk
import Ledger
import Signing

/// A command that makes one transaction with the key of a desk's operator.
protocol DeskSendingCommand: AsyncParsableCommand {
    var desk: DeskOptions { get }
    var sending: DeskSendingOptions { get }

    /// What is to be sent.
    func plan(_ session: Session, _ desk: OpenDesk) async throws -> Plan
}

/// How a desk's operator sends; who signs is known.
struct DeskSendingOptions: ParsableArguments {
    @Flag(
        help: "Send nothing: say what would move, or which part would be refused and why.")
    var dryRun = false

    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions
}

extension DeskSendingCommand {
    func run() async throws { try await send { sender, plan in try await sender.send(plan) } }

    /// Plans with the desk's key, and tells what would come of it, or has it sent.
    func send(_ body: (Sender, Plan) async throws -> Void) async throws {
        let desk = try desk.open(withBank: true)
        guard let key = desk.keys.bank else { throw Failure.failed("the desk has no key") }
        let session = try Session(
            sending.node.endpoint(desk.settings), sending.keystore, sending.output)
        let sender = try Sender(session, sending, key)
        let plan = try await plan(session, desk)
        if sending.dryRun {
            try await sender.tell(plan)
        } else {
            try await body(sender, plan)
        }
    }
}

extension Sender {
    /// Sends with a key that is at hand.
    init(_ session: Session, _ options: DeskSendingOptions, _ key: SigningKey) throws {
        // Every option has its usual value but those that were given.
        var usual = try SendingOptions.parse([])
        usual.node = options.node
        usual.dryRun = options.dryRun
        self.init(session: session, options: usual, signer: .plain(key))
    }
}
