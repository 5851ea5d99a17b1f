import ArgumentParser
import Foundation
import JSON
import Ledger

/// When a proposal is to hold, and until when banks may vote on it.
struct ProposalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The first block that goes by it; the next one after the deciding vote unless said.",
            valueName: "block"))
    var height: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Until when banks may vote: \(Moment.help); a week unless said.", valueName: "time"))
    var until: Moment?

    /// Until when banks may vote, seconds since 1970.
    func expiry(_ session: Session) async throws -> UInt64 {
        guard let moment = until ?? Moment(argument: "+7d") else { return 0 }
        // The clock of an idle ledger stands still with its last block.
        let now = max(try await session.blockTime(), UInt64(Date().timeIntervalSince1970))
        return moment.seconds(now: now)
    }
}

/// A command that proposes something to the banks, in the name of one of them.
protocol ProposingCommand: SendingCommand {
    var proposal: ProposalOptions { get }

    /// What is proposed.
    func change(_ session: Session) async throws -> IGovernance.Change
}

extension ProposingCommand {
    func plan(_ session: Session, sender: Address) async throws -> Plan {
        let change = try await change(session)
        let data = IGovernance.Proposal(change, from: proposal.height).data
        let expiry = try await proposal.expiry(session)
        let call = ContractCall(.treasury, IGovernance.Function.propose, words: 3) {
            $0.write(change.kind)
            $0.write(bytes: data)
            $0.write(expiry)
        }
        let banks = try await session.voters()
        let draft = Proposal(
            id: 0, kind: change.kind, content: IGovernance.Proposal(change, from: proposal.height),
            yes: [], no: [], expiry: expiry, stage: .open, height: 0, banks: banks)
        let made = MadeProposal()
        return Plan(
            call, "propose to \(draft.what(session.names))",
            result: { reader in
                made.id = try reader.uint()
                return ("proposal \(made.id)", .init("proposal", .integer(made.id)))
            }, next: { session in try await session.next(made.id) })
    }
}

/// The number that a proposal got.
private final class MadeProposal {
    var id: UInt64 = 0
}

extension Session {
    /// What has to happen with a proposal next.
    func next(_ id: UInt64) async throws -> (lines: [String], json: JSON.Member) {
        let proposal = try await proposal(id, banks: try await voters())
        return (proposal.next, .init("standing", proposal.json(names)))
    }
}

/// `dip consortium admit`.
struct ConsortiumAdmit: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "admit",
        abstract: "Propose that a bank joins.",
        discussion: """
            Signed with a bank's operator key. The new bank makes its keys and its folder with \
            'dip consortium join', which prints this command. Once more than half of the banks have \
            voted for it, its node fetches the ledger and then takes part in ordering.

              dip consortium admit --name Delta --node-key 0x… --operator 0x… \\
                --endpoint d.example:7545 --key-file banks/bank1/operator.key
            """)

    @Option(help: "The bank's name.")
    var name: String

    @Option(help: "The account of its node key, which signs blocks.")
    var nodeKey: String

    @Option(help: "The account of its operator, which votes.")
    var `operator`: String

    @Option(help: "host:port at which its node is met by the others.")
    var endpoint: String

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func change(_ session: Session) async throws -> IGovernance.Change {
        .admitBank(
            name: name, node: try session.names.address(nodeKey),
            operator: try session.names.address(`operator`), endpoint: endpoint)
    }
}

/// `dip consortium remove`.
struct ConsortiumRemove: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Propose that a bank leaves.",
        discussion: """
            Its signed blocks and what accounts hold stay as they are; its node loses its vote and \
            then its place.

              dip consortium remove 3 --key-file banks/bank1/operator.key
            """)

    @Argument(help: "The bank: its number, name or operator.")
    var bank: String

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func change(_ session: Session) async throws -> IGovernance.Change {
        .removeBank(try await session.bank(bank).account)
    }
}

/// `dip consortium rotate`.
struct ConsortiumRotate: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Propose that a bank's node key, operator key or checker is replaced.",
        discussion: """
              dip consortium rotate 2 --node-key 0x… --key-file banks/bank2/operator.key
              dip consortium rotate 2 --operator 0x… --key-file banks/bank2/operator.key
              dip consortium rotate 2 --checker 0x… --key-file banks/bank2/operator.key
            """)

    @Argument(help: "The bank: its number, name or operator.")
    var bank: String

    @Option(help: "The account of the new node key.")
    var nodeKey: String?

    @Option(help: "The account of the new operator.")
    var `operator`: String?

    @Option(help: "The account of the new checker, which approves what the operator does.")
    var checker: String?

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func validate() throws {
        guard [nodeKey, `operator`, checker].compactMap(\.self).count == 1 else {
            throw ValidationError("Give one of --node-key, --operator and --checker.")
        }
    }

    func change(_ session: Session) async throws -> IGovernance.Change {
        let bank = try await session.bank(bank).account
        if let nodeKey {
            return .rotateKey(bank: bank, which: .node, key: try session.names.address(nodeKey))
        }
        if let checker {
            return .rotateKey(bank: bank, which: .checker, key: try session.names.address(checker))
        }
        return .rotateKey(
            bank: bank, which: .operator, key: try session.names.address(`operator` ?? ""))
    }
}

/// `dip consortium pay`.
struct ConsortiumPay: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "pay",
        abstract: "Propose a payment from the treasury, to which fees go.",
        discussion: """
              dip consortium pay DIP 250 mill --key-file banks/bank1/operator.key
            """)

    @Argument(help: "The token: DIP, a symbol or an address.")
    var token: String

    @Argument(help: "How much, in whole units.")
    var amount: String

    @Argument(help: "To whom.")
    var to: String

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func change(_ session: Session) async throws -> IGovernance.Change {
        let currency = try await session.currency(token)
        return .payTreasury(
            token: currency.address, to: try session.names.address(to),
            amount: try currency.amount(amount))
    }
}

/// `dip consortium activate`.
struct ConsortiumActivate: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Propose the block from which a protocol version holds.",
        discussion: """
            Exchange the program of every node first: one that does not know the version stops before \
            that block.

              dip consortium activate 2 --height 1200000 --key-file banks/bank1/operator.key
            """)

    @Argument(help: "The version.")
    var version: UInt16

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func change(_ session: Session) async throws -> IGovernance.Change { .activateVersion(version) }
}

/// `dip consortium reviewer`.
struct ConsortiumReviewer: ProposingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reviewer",
        abstract: "Propose that an account reviews templates, or no longer does.",
        discussion: """
              dip consortium reviewer 0x… --key-file banks/bank1/operator.key
              dip consortium reviewer 0x… --remove --key-file banks/bank1/operator.key
            """)

    @Argument(help: "The account.")
    var account: String

    @Flag(help: "It shall review no more.")
    var remove = false

    @OptionGroup var proposal: ProposalOptions
    @OptionGroup var sending: SendingOptions

    func change(_ session: Session) async throws -> IGovernance.Change {
        let account = try session.names.address(account)
        return remove ? .removeReviewer(account) : .admitReviewer(account)
    }
}
