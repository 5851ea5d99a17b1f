import ArgumentParser
import Gateway
import Glibc
import Ledger
import Wallet

/// How results are printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object instead of text.")
    var json = false
}

/// How much of a list is printed.
struct ListOptions: ParsableArguments {
    @Option(help: ArgumentHelp("At most so many.", valueName: "number"))
    var limit = 1000

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be above 0.") }
    }
}

/// Where the node is.
struct NodeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The node: http://HOST:PORT, https://HOST:PORT, or the path of its socket; without it the environment's DIP_NODE, then http://127.0.0.1:8545.",
            valueName: "url"))
    var node: String?

    @Option(
        help: ArgumentHelp(
            "A file with the bearer token to show the node.", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file with the certificate authorities to trust instead of the system's.",
            valueName: "file"),
        completion: .file())
    var caFile: String?

    @Option(help: ArgumentHelp("How many seconds to wait for an answer.", valueName: "seconds"))
    var timeout: UInt32 = 30

    func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }

    /// Milliseconds for which the node is asked to wait for something, so that it answers before it is taken for one
    /// that does not.
    var pieceMilliseconds: Int { Int(min(timeout, 60)) * 1000 - 500 }

    /// The node's address with what goes along.
    func endpoint() throws -> RPCEndpoint {
        let named = node ?? getenv("DIP_NODE").map { String(cString: $0) } ?? ""
        var endpoint = try RPCEndpoint(named.isEmpty ? "http://127.0.0.1:8545" : named)
        endpoint.timeoutMilliseconds = Int64(timeout) * 1000
        endpoint.authorityFile = caFile
        if let tokenFile {
            let token = try PrivateFiles.read(tokenFile, atMost: 4096, isSecret: true)
            endpoint.token = token.withBytes { bytes in
                String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
            }
        }
        return endpoint
    }
}

/// Where the key files are.
struct KeystoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the key files; without it the environment's DIP_KEYSTORE, then ~/.dip/keystore.",
            valueName: "folder"),
        completion: .directory)
    var keystore: String?

    /// The keystore that is meant.
    func open() throws -> Keystore {
        let named = keystore ?? getenv("DIP_KEYSTORE").map { String(cString: $0) } ?? ""
        if !named.isEmpty { return Keystore(folder: named) }
        guard let home = getenv("HOME") else {
            throw Failure.usage("there is no HOME: say --keystore FOLDER")
        }
        return Keystore(folder: String(cString: home) + "/.dip/keystore")
    }
}

/// Where a password comes from.
struct PasswordOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file whose first line is the password; nobody else may be able to read it.",
            valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Option(
        help: ArgumentHelp(
            "An open file descriptor whose first line is the password.", valueName: "number"))
    var passwordFd: Int32?

    func validate() throws {
        guard passwordFile == nil || passwordFd == nil else {
            throw ValidationError("Give --password-file or --password-fd, not both.")
        }
    }

    /// Where the password comes from; a person at the terminal unless said otherwise.
    var source: PasswordSource {
        if let passwordFile { return .file(passwordFile) }
        if let passwordFd { return .descriptor(passwordFd) }
        return .prompt
    }
}

/// Whose key signs.
struct SignerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who signs: a label, an address or its first digits; without it the only account in the keystore.",
            valueName: "account"))
    var account: String?

    @OptionGroup var passwords: PasswordOptions

    @Option(
        help: ArgumentHelp(
            "Sign with the key in this file, 64 hexadecimal digits, which nobody else may be able to read; or with the signer that it names (docs/remote-signer.md).",
            valueName: "file"), completion: .file())
    var keyFile: String?

    @Option(
        help: ArgumentHelp(
            "Sign with the published key N of a development ledger (chain id 3355 only).",
            valueName: "n"))
    var devKey: UInt32?

    func validate() throws {
        guard [account != nil, keyFile != nil, devKey != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Give one of --account, --key-file and --dev-key.")
        }
    }
}
