import ArgumentParser
import JSON
import Ledger
import Wallet

/// `dip key list`.
struct KeyList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the accounts of the keystore.")

    @Flag(help: "List the first published keys of a development ledger instead.")
    var dev = false

    @OptionGroup var keystoreOptions: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let accounts = dev ? Self.published : try keystoreOptions.open().entries()
        if output.json { return Output.json(.array(accounts.map(\.json))) }
        guard !accounts.isEmpty else {
            return Output.note("no keys yet: make one with 'dip key new'")
        }
        Output.table(
            ["account", "label", "file"],
            accounts.map { [$0.address.checksummed, $0.label ?? "", $0.path] })
    }

    private static var published: [Keystore.Entry] {
        (0..<10).map { number in
            Keystore.Entry(
                address: PrivateKey.development(number).address, label: "dev:\(number)",
                path: "keccak256(\"dipnet dev \(number)\")")
        }
    }
}

/// `dip key address`.
struct KeyAddress: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address",
        abstract: "Print the address of an account.",
        discussion: """
            Takes a label, the first digits of an address, dev:N, or an address, whose checksum is \
            checked.

              dip key address mill
            """)

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var keystoreOptions: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let address = try Names(keystoreOptions.open()).address(account)
        if output.json {
            Output.json(["address": .string(address.checksummed)])
        } else {
            Output.line(address.checksummed)
        }
    }
}
