import ArgumentParser
import JSON
import Ledger
import Wallet

/// `dip key import`.
struct KeyImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take a key from a file or the standard input.",
        discussion: """
            The file holds either 64 hexadecimal digits, or a key file of another wallet (version \
            3, scrypt or PBKDF2), whose password is asked for first.

              dip key import old-wallet.json --label mill
              some-vault read key | dip key import - --password-file pw.txt
            """)

    @Argument(help: "The file; - is the standard input.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "A file with the password of the imported key file; without it, it is asked for.",
            valueName: "file"), completion: .file())
    var oldPasswordFile: String?

    @OptionGroup var making: KeyMakingOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let keystore = try making.keystoreOptions.open()
        try making.check(keystore)
        try making.keep(read(), in: keystore).show("imported", json: output.json)
    }

    private func read() throws -> PrivateKey {
        let path = file == "-" ? "/dev/stdin" : file
        let contents = try PrivateFiles.read(path, atMost: KeystoreFile.maximumBytes)
        guard contents.withBytes({ $0.first { $0 > 0x20 } }) == UInt8(ascii: "{") else {
            // Plain digits must be the owner's alone; a key file protects itself.
            return try .read(
                hexText: file == "-"
                    ? contents : PrivateFiles.read(path, atMost: 1024, isSecret: true),
                of: file == "-" ? nil : file)
        }
        if (try? JSON(parsing: contents.withBytes { Array($0) }))?["signer"] != nil {
            throw Failure.usage(
                "\(file) names a signer: there is no key in it to be imported. Commands take it with "
                    + "--key-file")
        }
        let old = try KeystoreFile(parsing: contents.withBytes { Array($0) }, file: file)
        let source = oldPasswordFile.map { PasswordSource.file($0) } ?? .prompt
        return try old.open(source.read("Password of \(file): "), file: file)
    }
}
