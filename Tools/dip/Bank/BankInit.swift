import ArgumentParser
import BankDesk
import Files
import Gateway
import Glibc
import JSON
import Ledger
import Signing
import Wallet

/// `dip bank init`.
struct BankInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a bank's desk and its deposit token.",
        discussion: """
            For a bank that is admitted: its operator signs. The token can be frozen and clawed back, as \
            supervisors want it, and is made and destroyed against money of the bank alone.

            The operator's key is copied into the desk's own keystore, since the desk signs with it; where \
            --key-file names a signer (docs/remote-signer.md), desk.json names that file instead. Without \
            --desk-password-file that keystore's password is made and written beside it, mode 0600: move it to \
            where your machine keeps secrets, and say where in desk.json.

            Nothing is issued before the bank's second key, the checker, is set and has approved a limit a day:
              dip bank init desk --currency EUR --account-number DE02120300000000202051 \\
                  --name 'East Bank' --key-file operator.key --checker 0x… --daily-limit 5000000
              dip bank approve --call 0x… --account checker
              dip bank limit 5000000 --desk desk
            With --checker-key-file both keys are here, and init does all of it. Interrupted, say it again: it \
            goes on where it was.
            """)

    @Argument(help: "The desk's folder; made if it is missing.")
    var path: String

    @Option(help: "The token's currency, a code of ISO 4217.")
    var currency: String

    @Option(
        name: .customLong("account-number"),
        help: ArgumentHelp(
            "The account in which the money behind the token stands: IBAN or another number.",
            valueName: "number"))
    var accountNumber: String

    @Option(help: "The bank's name in payment orders.")
    var name: String

    @Option(help: "The bank's BIC.")
    var bic = ""

    @Option(help: "The token's symbol; without it D and the currency.")
    var symbol: String?

    @Option(help: "The token's name; without it the bank's name and the currency.")
    var tokenName: String?

    @Option(
        help: ArgumentHelp(
            "A token that the operator issued for this, or that is the bank's deposit token already.",
            valueName: "address"))
    var token: String?

    @Option(help: ArgumentHelp("The account of the bank's second key.", valueName: "account"))
    var checker: String?

    @Option(
        help: ArgumentHelp(
            "The second key itself, 64 hexadecimal digits, mode 0600, or the file that names its signer: it approves the limit at once.",
            valueName: "file"), completion: .file())
    var checkerKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "How much may be issued a day without the checker.", valueName: "amount"))
    var dailyLimit: String?

    @Option(
        help: ArgumentHelp(
            "A file whose first line will open the desk's keystore.", valueName: "file"),
        completion: .file())
    var deskPasswordFile: String?

    @Flag(help: "The bank takes names in all scripts; else Latin letters only.")
    var allCharacters = false

    @OptionGroup var sending: SendingOptions

    func run() async throws {
        let session = try Session(sending.node, sending.keystore, sending.output)
        guard let currency = CurrencyCode(currency) else {
            throw Failure.usage("\"\(currency)\" is no currency of ISO 4217")
        }
        let amounts = Currency(
            address: .zero, symbol: currency.description, decimals: currency.decimals)
        let limit = try dailyLimit.map { try amounts.amount($0) }
        let folder = DeskFolder(path)
        let signer = try Signer(sending.signer, session.keystore)
        try signer.check(chainID: try await session.chainID())
        let key = try signer.unlock()
        let checkerKey = try checkerKeyFile.map {
            try SigningKey.read($0)
        }
        let checker = try checkerKey?.address ?? checker.map { try session.names.address($0) }
        let ledger = NodeLedger(session.client)
        let facts = try await ledger.facts()
        var settings = DeskSettings(
            node: session.client.endpoint.description, chainID: facts.chainID,
            genesis: facts.genesis, bank: key.address, token: .zero, currency: currency,
            account: AccountNumber.plain(accountNumber), bic: bic, name: name,
            passwordFile: deskPasswordFile == nil
                ? "password" : Self.absolute(deskPasswordFile ?? ""))
        settings.takesAllCharacters = allCharacters
        if key.remote != nil { settings.signerFile = sending.signer.keyFile.map(Self.absolute) }
        try Self.check(settings)
        let door = try await BankDoor(session: session, options: sending, key: key)
        try door.check(checker)
        if let made = try Self.made(folder) {
            try Self.check(made, isFor: settings, in: folder)
            settings = made
        } else {
            let begun = try DeskBeginning.read(folder)
            guard begun?.isFor(settings) ?? true else {
                throw Failure.usage(
                    "\(folder.path) was begun for another ledger, operator or currency: a desk has a "
                        + "folder of its own")
            }
            let given = try token.map { try session.names.address($0) }
            if let known = try door.token(in: currency, given, begun) {
                settings.token = known
                try begin(folder, key)
                // Of a token that was there before the folder, everything is followed that ever happened.
                let own = begun.flatMap { $0.token == known ? $0.cursor : nil }
                try finish(folder, settings, from: own ?? "0:0")
            } else {
                var beginning =
                    if let begun { begun } else {
                        DeskBeginning(
                            genesis: facts.genesis, bank: key.address, currency: currency,
                            cursor: try await ledger.head())
                    }
                try begin(folder, key, beginning)
                let token = try await door.token(
                    given ?? beginning.token, currency, name: tokenName ?? "\(name) \(currency)",
                    symbol: symbol ?? "D\(currency)", mayBeMade: begun != nil)
                beginning.token = token
                try beginning.write(folder)
                try await door.register(token, currency)
                settings.token = token
                try finish(folder, settings, from: beginning.cursor)
            }
        }
        DeskBeginning.end(folder)
        let steps = try await door.secure(
            settings.token, checker, checkerKey, limit: limit, bic: settings.bic, desk: path)
        session.show([
            "ok": true, "desk": .string(path), "token": .string(settings.token.checksummed),
            "currency": .string(currency.description), "bank": .string(key.address.checksummed),
            "checker": checker.map { .string($0.checksummed) } ?? nil,
            "next": .array(steps.map { .string($0) }),
        ]) {
            Output.line("The desk is in \(path), the token is \(settings.token.checksummed).")
            for step in steps { Output.line(step) }
            let word = ShellWord.quoted(path)
            Output.line(
                "Next: dip bank customer add --desk \(word) …, then dip bank desk --desk \(word)")
        }
    }

    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// Refuses account, BIC and name before anything is made.
    private static func check(_ settings: DeskSettings) throws {
        do {
            try settings.check()
        } catch {
            // There is no desk.json yet that the person could look into.
            guard case .settings(let text) = error else { throw error }
            throw Failure.usage(text)
        }
    }

    // MARK: The folder

    /// The settings of a desk that is there already.
    private static func made(_ folder: DeskFolder) throws -> DeskSettings? {
        guard access(folder.settings, F_OK) == 0 else { return nil }
        return try DeskSettings(
            parsing: WholeFile.read(folder.settings, limit: DeskSettings.byteLimit))
    }

    private static func check(
        _ made: DeskSettings, isFor wanted: DeskSettings, in folder: DeskFolder
    ) throws {
        let differences: [(String, Bool)] = [
            ("ledger", made.chainID == wanted.chainID && made.genesis == wanted.genesis),
            ("operator", made.bank == wanted.bank), ("currency", made.currency == wanted.currency),
            ("account", made.account == wanted.account), ("name", made.name == wanted.name),
            ("BIC", made.bic == wanted.bic),
            ("place of the operator's key", made.signerFile == wanted.signerFile),
        ]
        guard let first = differences.first(where: { !$0.1 }) else { return }
        throw Failure.usage(
            "\(folder.settings) is there already, with another \(first.0): a desk has a folder of its own"
        )
    }

    /// Makes folder and keys; what is there from an interrupted beginning stays.
    ///
    /// - Parameters:
    ///   - folder: which.
    ///   - key: the operator's.
    ///   - beginning: by what it is known as begun before anything is on the ledger.
    /// - Throws: ``DeskFault`` where another operator's key is there, or the password does not open it.
    private func begin(
        _ folder: DeskFolder, _ key: SigningKey, _ beginning: DeskBeginning? = nil
    ) throws {
        try folder.make()
        try beginning?.write(folder)
        // A password that a machine made is as strong as a key: opening need not cost a second.
        try DeskKeys.make(
            folder, bank: key, password: try password(folder),
            derivation: deskPasswordFile == nil ? .light : .standard, time: OpenDesk.now)
    }

    /// What opens the desk's keystore; made where nothing is said and none was made before.
    private func password(_ folder: DeskFolder) throws -> SecretBytes {
        let source = PasswordSource.file(deskPasswordFile ?? folder.path + "/password")
        if deskPasswordFile != nil { return try source.readNew("") }
        if access(folder.path + "/password", F_OK) != 0 {
            guard try Keystore(folder: folder.keys).entries().isEmpty else {
                throw Failure.usage(
                    "the keys in \(folder.keys) have a password: give --desk-password-file again")
            }
            let digits = Hex.encode(try RandomBytes.make(32))
            try PrivateFiles.write(
                SecretBytes(Array((digits + "\n").utf8)), to: folder.path + "/password")
        }
        return try source.read("")
    }

    /// The journal, and settings last: a folder with settings is whole.
    private func finish(
        _ folder: DeskFolder, _ settings: DeskSettings, from cursor: String
    ) throws {
        let keys = try DeskKeys(folder, password: try password(folder), withBank: false)
        try Journal(path: folder.journal, cipher: keys.cipher).begin(at: cursor)
        try PrivateFile.write(
            Array((Output.pretty(settings.json) + "\n").utf8), to: folder.settings)
    }
}
