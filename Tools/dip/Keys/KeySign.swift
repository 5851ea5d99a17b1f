import ArgumentParser
import JSON
import Ledger
import Signing

/// `dip key sign`.
struct KeySign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a text as wallets do (personal_sign, EIP-191).",
        discussion: """
            The signature shows who wrote the text and can never be taken for a transaction.

              dip key sign 'We accept offer 17.' --account mill
              dip key sign --file contract.pdf --account mill
            """)

    @Argument(help: "The text.")
    var text: String?

    @Option(
        help: ArgumentHelp(
            "A file to be signed instead; - is the standard input.", valueName: "file"),
        completion: .file())
    var file: String?

    @OptionGroup var signer: SignerOptions
    @OptionGroup var keystoreOptions: KeystoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (text == nil) != (file == nil) else {
            throw ValidationError("Give a text or --file.")
        }
    }

    func run() async throws {
        let message: [UInt8]
        if let file {
            message = try Input.bytes(file)
        } else {
            message = Array((text ?? "").utf8)
        }
        let key = try Signer(signer, try keystoreOptions.open()).unlock()
        let digest = PersonalMessage.hash(message)
        let made = try await key.sign(PersonalMessage.preimage(message))
        let signature = "0x" + Hex.encode(made.bytes)
        if output.json {
            Output.json([
                "address": .string(key.address.checksummed), "digest": .string(digest.hex),
                "signature": .string(signature),
            ])
        } else {
            Output.line(signature)
        }
    }
}
