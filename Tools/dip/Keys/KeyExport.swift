import ArgumentParser
import JSON
import Ledger
import Wallet

/// `dip key export`.
struct KeyExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a key to a new file of mode 0600.",
        discussion: """
            By default a key file (version 3) under a new password; --raw writes the key itself as \
            64 hexadecimal digits, and whoever reads that file owns the account.

              dip key export mill mill-backup.json
            """)

    @Argument(help: "Which account: a label, an address or its first digits.")
    var account: String

    @Argument(help: "The file to be made.", completion: .file())
    var file: String

    @Flag(help: "Write the key unencrypted.")
    var raw = false

    @Option(
        help: ArgumentHelp(
            "A file with the password for the exported file; without it, it is asked for.",
            valueName: "file"), completion: .file())
    var newPasswordFile: String?

    @OptionGroup var passwords: PasswordOptions
    @OptionGroup var keystoreOptions: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let keystore = try keystoreOptions.open()
        let account = try keystore.entry(account)
        let password = try passwords.source.read("Password for \(account.address.checksummed): ")
        let key = try keystore.key(of: account, password: password)
        try PrivateFiles.write(contents(of: key, account.label), to: file)
        Keystore.Entry(address: account.address, label: account.label, path: file)
            .show("exported", json: output.json)
    }

    private func contents(of key: PrivateKey, _ label: String?) throws -> SecretBytes {
        if raw { return key.hexText }
        let source = newPasswordFile.map { PasswordSource.file($0) } ?? .prompt
        let sealed = try KeystoreFile(
            key, password: source.readNew("New password: "), label: label)
        return SecretBytes(Array(Output.pretty(sealed.json).utf8) + [0x0a])
    }
}
