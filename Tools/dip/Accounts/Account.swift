import ArgumentParser
import Ledger
import Wallet

/// `dip account …`.
struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Look at what an account has, owes and did.",
        subcommands: [
            AccountBalance.self, AccountStatement.self, AccountNonce.self, AccountClaims.self,
        ])
}

/// Which account is looked at, and where.
struct ReadingOptions: ParsableArguments {
    @OptionGroup var keystore: KeystoreOptions
    @OptionGroup var node: NodeOptions
    @OptionGroup var output: OutputOptions

    func session() throws -> Session { try Session(node, keystore, output) }
}

extension Session {
    /// The account that is named, else the only one of the keystore.
    func account(_ text: String?) throws -> Address {
        if let text { return try names.address(text) }
        let entries = try keystore.entries()
        guard let first = entries.first, entries.count == 1 else {
            throw Failure.usage("say which account: an address, a label, or dev:N")
        }
        return first.address
    }
}
