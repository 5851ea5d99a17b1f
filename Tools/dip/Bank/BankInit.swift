import ArgumentParser
import BankDesk
import Files
import Gateway
import Glibc
import Ledger
import Tokens
import Wallet

/// `dip bank init`.
struct BankInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a bank's desk and its deposit token.",
        discussion: """
            For a bank that is admitted: its operator signs. The token can be frozen and clawed back, as \
            supervisors want it, and is made and destroyed against money of the bank alone.

            The operator's key is copied into the desk's own keystore, since the desk signs with it. Without \
            --desk-password-file that keystore's password is made and written beside it, mode 0600: move it to \
            where your machine keeps secrets, and say where in desk.json.

            Nothing is issued before the bank's second key, the checker, is set and has approved a limit a day:
              dip bank init desk --currency EUR --account DE02120300000000202051 --name 'East Bank' \\
                  --key-file operator.key --checker 0x… --daily-limit 5000000
              dip bank approve HASH --account checker
              dip bank limit 5000000 --desk desk
            With --checker-key-file both keys are here, and init does all of it.
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
            "A token that was made for this before, by an init that was interrupted.",
            valueName: "address"))
    var token: String?

    @Option(help: ArgumentHelp("The account of the bank's second key.", valueName: "account"))
    var checker: String?

    @Option(
        help: ArgumentHelp(
            "The second key itself, 64 hexadecimal digits, mode 0600: it approves the limit at once.",
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
        guard access(folder.settings, F_OK) != 0 else {
            throw Failure.usage("\(folder.settings) is there already")
        }
        let signer = try Signer(sending.signer, session.keystore)
        try signer.check(chainID: try await session.chainID())
        let key = try signer.unlock()
        let checkerKey = try checkerKeyFile.map {
            try PrivateKey.read(hexText: PrivateFiles.read($0, atMost: 1024, isSecret: true))
        }
        let checker = try checkerKey?.address ?? checker.map { try session.names.address($0) }
        let door = BankDoor(session: session, options: sending, key: key)
        let ledger = NodeLedger(session.client)
        let facts = try await ledger.facts()
        let head = try await ledger.head()
        let token = try await door.depositToken(
            try token.map { try session.names.address($0) }, currency,
            name: tokenName ?? "\(name) \(currency)", symbol: symbol ?? "D\(currency)")
        try folder.make()
        let settings = DeskSettings(
            node: session.client.endpoint.description, chainID: facts.chainID,
            genesis: facts.genesis, bank: key.address, token: token, currency: currency,
            account: AccountNumber.plain(accountNumber), bic: bic, name: name,
            passwordFile: deskPasswordFile == nil ? "password" : absolute(deskPasswordFile ?? ""))
        try await finish(folder, settings, key, head)
        let steps = try await door.secure(
            token, checker, checkerKey, limit: limit, bic: bic)
        session.show([
            "ok": true, "desk": .string(path), "token": .string(token.checksummed),
            "currency": .string(currency.description), "bank": .string(key.address.checksummed),
            "checker": checker.map { .string($0.checksummed) } ?? nil,
            "next": .array(steps.map { .string($0) }),
        ]) {
            Output.line("The desk is in \(path), the token is \(token.checksummed).")
            for step in steps { Output.line(step) }
            Output.line(
                "Next: dip bank customer add --desk \(path) …, then dip bank desk --desk \(path)")
        }
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }

    /// Keys and journal first, settings last: a folder with settings is whole.
    private func finish(
        _ folder: DeskFolder, _ settings: DeskSettings, _ key: PrivateKey, _ head: String
    ) async throws {
        var settings = settings
        settings.takesAllCharacters = allCharacters
        let password: SecretBytes
        if let deskPasswordFile {
            password = try PasswordSource.file(deskPasswordFile).readNew("")
        } else {
            let digits = Hex.encode(try RandomBytes.make(32))
            try PrivateFiles.write(
                SecretBytes(Array((digits + "\n").utf8)), to: folder.path + "/password",
                replacing: true)
            password = SecretBytes(Array(digits.utf8))
        }
        // A password that a machine made is as strong as a key: opening need not cost a second.
        try DeskKeys.make(
            folder, bank: key, password: password,
            derivation: deskPasswordFile == nil ? .light : .standard, time: OpenDesk.now)
        let keys = try DeskKeys(folder, password: password, withBank: false)
        try Journal(path: folder.journal, cipher: keys.cipher).begin(at: head)
        try PrivateFile.write(
            Array((Output.pretty(settings.json) + "\n").utf8), to: folder.settings)
    }
}

/// What a bank's operator does on the ledger before its desk can work.
struct BankDoor {
    let session: Session
    let options: SendingOptions
    let key: PrivateKey

    private func demand(
        _ call: ContractCall, _ what: String, by key: PrivateKey? = nil
    ) async throws -> [UInt8] {
        let sender = Sender(session: session, options: options, signer: .plain(key ?? self.key))
        let output = try await sender.demand(Plan(call, what))
        Output.note("done: \(what)")
        return output
    }

    /// Makes the token where there is none, and registers it where it is not the bank's yet.
    func depositToken(
        _ given: Address?, _ currency: CurrencyCode, name: String, symbol: String
    ) async throws -> Address {
        let list = ContractCall(.banks, IBanks.Function.depositTokens, words: 1) {
            $0.write(key.address)
        }
        let known = try await session.read(list) { reader throws(Rejection) in
            try reader.array(of: Address.self)
        }
        if let given, known.contains(given) { return given }
        let token: Address
        if let given {
            token = given
        } else {
            let controls: TokenControls = [.mint, .burn, .freeze, .clawback]
            let new = ITokens.NewToken(
                name: name, symbol: symbol, decimals: UInt8(currency.decimals), cap: 0,
                initialSupply: 0, controls: controls.rawValue, uri: "")
            let call = ContractCall(.tokens, ITokens.Function.create, words: 1) { $0.write(new) }
            var reader = ABIReader(try await demand(call, "issue the token \(symbol)"))
            token = try reader.address()
            Output.note("the token is \(token.checksummed)")
        }
        let register = ContractCall(.banks, IBanks.Function.setDepositToken, words: 2) {
            $0.write(token)
            $0.write(fixedBytes: currency.bytes)
        }
        _ = try await demand(register, "make it the bank's deposit token in \(currency)")
        return token
    }

    /// Sets name, checker and limit as far as the keys at hand go.
    ///
    /// - Returns: what is left to do, in sentences.
    func secure(
        _ token: Address, _ checker: Address?, _ checkerKey: PrivateKey?, limit: UInt128?,
        bic: String
    ) async throws -> [String] {
        if !bic.isEmpty {
            let call = ContractCall(.banks, IBanks.Function.setBic, words: 1) {
                $0.write(string: bic)
            }
            _ = try await demand(call, "tell the bank's BIC")
        }
        let asked = ContractCall(.banks, IBanks.Function.checker, words: 1) {
            $0.write(key.address)
        }
        let current = try await session.read(asked) { reader throws(Rejection) in
            try reader.address()
        }
        if let checker, current == .zero {
            let call = ContractCall(.banks, IBanks.Function.setChecker, words: 1) {
                $0.write(checker)
            }
            _ = try await demand(call, "set the checker to \(session.names.text(checker))")
        } else if current == .zero {
            return [
                "Nothing is issued before the bank has a checker: dip call Banks setChecker ACCOUNT --send"
            ]
        }
        guard let limit else { return [] }
        let call = BankLimit.call(token, limit)
        let hash = Keccak256.hash(call.data)
        guard let checkerKey else {
            return [
                "The checker approves the limit: dip bank approve \(hash.hex)",
                "Then: dip bank limit \(limit) --units --desk FOLDER",
            ]
        }
        _ = try await demand(
            BankApprove.call(hash), "approve the limit by the checker", by: checkerKey)
        _ = try await demand(call, "set the limit a day")
        return []
    }
}
