import ArgumentParser
import Glibc
import JSON
import Ledger
import Wallet

/// `dip key new`.
struct KeyNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a new key and keep it under a password.",
        discussion: """
              dip key new --label treasury

            Copy the file that it names to a safe place: without it and its password nobody can \
            ever move what the account holds.
            """)

    @OptionGroup var making: KeyMakingOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let keystore = try making.keystoreOptions.open()
        try making.check(keystore)
        try making.keep(PrivateKey.random(), in: keystore).show("new account", json: output.json)
    }
}

/// What is said of a key that comes into the keystore.
struct KeyMakingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What to call the account.", valueName: "name"))
    var label: String?

    @Flag(
        help: ArgumentHelp(
            "Encrypt with 4 MiB of memory instead of 256, which makes guessing the password cheaper: for tests and small machines."
        ))
    var light = false

    @OptionGroup var passwords: PasswordOptions
    @OptionGroup var keystoreOptions: KeystoreOptions

    /// Refuses a label that is taken before anything is asked for.
    func check(_ keystore: Keystore) throws {
        guard let label, try keystore.entries().contains(where: { $0.label == label }) else {
            return
        }
        throw WalletFault.alreadyThere("the label '\(label)'")
    }

    /// Encrypts a key under a new password and adds it.
    func keep(_ key: PrivateKey, in keystore: Keystore) throws -> Keystore.Entry {
        if let known = try keystore.entries().first(where: { $0.address == key.address }) {
            throw WalletFault.alreadyThere("\(key.address.checksummed) (\(known.path))")
        }
        let password = try passwords.source.readNew("New password: ")
        return try keystore.add(
            key, password: password, label: label, time: time(nil),
            derivation: light ? .light : .standard)
    }
}

extension Keystore.Entry {
    /// What a program reads of an account.
    var json: JSON {
        [
            "address": .string(address.checksummed), "label": label.map { .string($0) } ?? .null,
            "file": .string(path),
        ]
    }

    func show(_ what: String, json: Bool) {
        if json {
            Output.json(self.json)
        } else {
            Output.line(address.checksummed)
            Output.note("\(what)\(label.map { " \"\($0)\"" } ?? ""), kept in \(path)")
        }
    }
}
