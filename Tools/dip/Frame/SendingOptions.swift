import ArgumentParser
import JSON
import Ledger

/// Everything that a command takes which changes something on the ledger.
struct SendingOptions: ParsableArguments {
    /// For what to wait.
    enum Wait: String, ExpressibleByArgument, CaseIterable {
        /// Carried out by the node.
        case executed
        /// And signed by a quorum of the banks.
        case certified
        /// Not at all.
        case none
    }

    @Flag(
        help: "Send nothing: say what would move, or which part would be refused and why.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "What to wait for: executed, certified (signed by a quorum of the banks), none.",
            valueName: "what"))
    var wait = Wait.executed

    @Option(
        help: ArgumentHelp(
            "The most gas; without it what a trial run needs and a quarter more.",
            valueName: "number"))
    var gas: UInt64?

    @Option(
        help: ArgumentHelp(
            "The account's nonce; without it the next one.", valueName: "number"))
    var nonce: UInt64?

    @OptionGroup var signer: SignerOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard gas.map({ $0 >= 21_000 }) ?? true else {
            throw ValidationError("--gas must be at least 21000: no transaction costs less.")
        }
    }
}

/// A command that makes one transaction.
protocol SendingCommand: AsyncParsableCommand {
    var sending: SendingOptions { get }

    /// What is to be sent; may ask the node, and refuses what makes no sense before a password is
    /// asked for.
    ///
    /// - Parameters:
    ///   - session: the node and the keystore.
    ///   - sender: who signs.
    /// - Returns: the call and its words.
    /// - Throws: ``Failure`` for what makes no sense, and what calls throw.
    func plan(_ session: Session, sender: Address) async throws -> Plan
}

/// One transaction, and how to speak of it.
struct Plan {
    /// What is asked of the ledger.
    let call: ContractCall
    /// What it does, as in "send 1.5 DIP to mill".
    let what: String
    /// What the call returned, in words and JSON, where it returns something worth telling.
    var result: ((inout ABIReader) throws -> (text: String, json: JSON.Member))?
    /// What comes next, in words and JSON; asked once the transaction was carried out.
    var next: ((Session) async throws -> (lines: [String], json: JSON.Member))?

    init(
        _ call: ContractCall, _ what: String,
        result: ((inout ABIReader) throws -> (text: String, json: JSON.Member))? = nil,
        next: ((Session) async throws -> (lines: [String], json: JSON.Member))? = nil
    ) {
        self.call = call
        self.what = what
        self.result = result
        self.next = next
    }
}

extension SendingCommand {
    func run() async throws { try await send() }

    /// Sends what is planned, or tells what it would do.
    func send() async throws {
        let session = try Session(sending.node, sending.keystore, sending.output)
        let signer = try Signer(sending.signer, session.keystore)
        let plan = try await plan(session, sender: signer.address)
        let sender = Sender(session: session, options: sending, signer: signer)
        if sending.dryRun {
            try await sender.tell(plan)
        } else {
            try await sender.send(plan)
        }
    }
}
