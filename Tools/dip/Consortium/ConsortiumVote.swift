import ArgumentParser
import JSON
import Ledger

/// `dip consortium vote`.
struct ConsortiumVote: SendingCommand {
    static let configuration = CommandConfiguration(
        commandName: "vote",
        abstract: "Vote on a proposal in the name of a bank.",
        discussion: """
            Signed with the bank's operator key. A bank may change its vote while the proposal is open; \
            who proposed it is for it.

              dip consortium vote 4 --key-file banks/bank2/operator.key
              dip consortium vote 4 --no --key-file banks/bank3/operator.key
            """)

    @Argument(help: "The proposal.")
    var id: UInt64

    @Flag(help: "Against it.")
    var no = false

    @OptionGroup var sending: SendingOptions

    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let (id, no) = (id, no)
        let proposal = try await session.proposal(id, banks: try await session.voters())
        let call = ContractCall(.treasury, IGovernance.Function.vote, words: 2) {
            $0.write(id)
            $0.write(!no)
        }
        return Plan(
            call,
            "vote \(no ? "against" : "for") proposal \(id), to \(proposal.what(session.names))",
            next: { session in try await session.next(id) })
    }
}

/// `dip consortium proposals`.
struct ConsortiumProposals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proposals", abstract: "List what was proposed, the newest first.")

    @Option(help: "How many at most.")
    var limit: UInt64 = 20

    @Flag(help: "Only those that are open or wait for their block.")
    var open = false

    @OptionGroup var node: NodeOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let session = try Session(node, keystore, output)
        let banks = try await session.voters()
        var found: [Proposal] = []
        var id = try await session.proposalCount()
        while id > 0, found.count < limit {
            let proposal = try await session.proposal(id, banks: banks)
            if !open || proposal.stage == .open || proposal.stage == .decided {
                found.append(proposal)
            }
            id -= 1
        }
        session.show(.array(found.map { $0.json(session.names) })) {
            guard !found.isEmpty else { return Output.note("nothing was proposed") }
            Output.table(
                ["proposal", "to", "standing"],
                found.map { ["\($0.id)", $0.what(session.names), $0.standing] }, right: [0])
        }
    }
}

/// `dip consortium show`.
struct ConsortiumShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a proposal, who voted how, and what comes next.")

    @Argument(help: "The proposal.")
    var id: UInt64

    @OptionGroup var node: NodeOptions
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let session = try Session(node, keystore, output)
        let proposal = try await session.proposal(id, banks: try await session.voters())
        session.show(proposal.json(session.names)) {
            Output.line("Proposal \(id): \(proposal.what(session.names))")
            Output.line("Standing: \(proposal.standing)")
            for (title, accounts) in [("For", proposal.yes), ("Against", proposal.no)]
            where !accounts.isEmpty {
                let list = accounts.map { proposal.name($0) }.joined(separator: ", ")
                Output.line("\(title): \(list)")
            }
            if let height = proposal.content?.height, height > 0 {
                Output.line("From block: \(height)")
            }
            for line in proposal.next { Output.line(line) }
        }
    }
}
