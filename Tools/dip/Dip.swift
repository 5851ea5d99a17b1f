import ArgumentParser
import Files

/// The command line of Dipnet.
@main
struct Dip: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dip",
        abstract: "Pay, issue and settle on a Dipnet ledger.",
        discussion: """
            A payment at the top of a supply chain reaches every tier below it in the same block. \
            This program keeps your keys, signs with them on this machine, and talks to a node.

            A first look, on a node started with 'dip node --dev' in another terminal:
              dip key list --dev
              dip account balance dev:1
              dip send dev:2 1.5 --dev-key 1
              dip token issue --name 'East Bank Dollar' --symbol EBD --decimals 2 --mint --dev-key 1
              dip order open order.json --dry-run --dev-key 1

            An account is an address, a label of your keystore or the first digits of an address \
            there, or dev:N for the published key N of a development ledger. Amounts are whole \
            units with a decimal point; --units says that they are smallest units.

            Exit status: 0 done; 1 refused by the ledger, or failed; 64 used wrongly, or not to be \
            started again as it is; 69 no node answers; 74 done, but the result could not be written; 75 sent, but what became of it is not known yet.

            Shell completion: dip --generate-completion-script bash > \
            ~/.local/share/bash-completion/completions/dip
            """,
        version: "dip \(DipVersion.text)",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(name: "To begin with", subcommands: [DemoCommand.self]),
            CommandGroup(name: "Keys and accounts", subcommands: [Key.self, Account.self]),
            CommandGroup(
                name: "Pay and settle",
                subcommands: [
                    Send.self, Token.self, Order.self, TemplateCommand.self, Fees.self,
                ]),
            CommandGroup(
                name: "Watch and explain",
                subcommands: [
                    EconomyCommand.self, Events.self, Receipt.self, ProofCommand.self,
                    VerifyCommand.self,
                    Errors.self,
                ]),
            CommandGroup(
                name: "For banks",
                subcommands: [
                    NodeGroup.self, BankGroup.self, Consortium.self, EntityCommand.self,
                    AuditCommand.self,
                    EvidenceCommand.self,
                    GenesisCommand.self,
                    DevCommand.self,
                ]),
            CommandGroup(
                name: "For developers",
                subcommands: [Call.self, RPC.self, ABI.self, Vectors.self]),
        ])

    /// The command, or why its words make none.
    ///
    /// - Throws: what parsing does; where a word below zero was taken for an option, that.
    private static func parsed() throws -> any ParsableCommand {
        do {
            return try parseAsRoot()
        } catch  where exitCode(for: error) == .validationFailure {
            let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
            guard let below = words.first(where: isBelowZero) else { throw error }
            throw Failure.usage(
                "\"\(below)\" is taken for an option: amounts and numbers have no sign, and are never below zero. What "
                    + "has to begin with a dash stands behind --")
        }
    }

    private static func isBelowZero(_ word: String) -> Bool {
        let rest = word.utf8.dropFirst()
        return word.hasPrefix("-") && rest.contains { (0x30...0x39).contains($0) }
            && rest.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }

    static func main() async {
        CoreDumps.forbid()
        do {
            var command = try parsed()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Failure.end(with: error, asJSON: CommandLine.arguments.contains("--json"))
        }
    }
}

/// The version of the program.
enum DipVersion {
    static let text = "0.1.0"
}
