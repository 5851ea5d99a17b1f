import ArgumentParser
import BankDesk
import Files
import Glibc
import Ledger
import Signing
import Wallet

/// Which desk, and what opens its keys.
struct DeskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The desk's folder; without it the environment's DIP_DESK, then the folder you are in.",
            valueName: "folder"), completion: .directory)
    var desk: String?

    @OptionGroup var passwords: PasswordOptions

    /// The folder that is meant.
    var folder: DeskFolder {
        let named = desk ?? getenv("DIP_DESK").map { String(cString: $0) } ?? ""
        return DeskFolder(named.isEmpty ? "." : named)
    }

    /// The desk's settings.
    func settings() throws -> DeskSettings {
        let bytes: [UInt8]
        do {
            bytes = try WholeFile.read(folder.settings, limit: DeskSettings.byteLimit)
        } catch {
            throw Failure.usage(
                "\(error.description(of: "desk's settings")); 'dip bank init' makes a desk")
        }
        return try DeskSettings(parsing: bytes)
    }

    /// Opens settings, keys and journal.
    ///
    /// - Parameter withBank: whether the operator's key is needed.
    /// - Returns: all of them.
    /// - Throws: ``Failure``, and what opening meets.
    func open(withBank: Bool = false) throws -> OpenDesk {
        try unlock(withBank: withBank).open()
    }

    /// Opens settings and keys alone.
    ///
    /// - Parameter withBank: whether the operator's key is needed.
    /// - Returns: both.
    /// - Throws: ``Failure``, and what opening meets.
    func unlock(withBank: Bool) throws -> UnlockedDesk {
        let settings = try settings()
        // An empty one in its place would know no customer, and send back what they ask for.
        guard access(folder.journal, F_OK) == 0 else {
            throw Failure.failed(
                "the desk's journal \(folder.journal) is gone: restore the backup; without one, move desk.json "
                    + "away and say 'dip bank init' with --token")
        }
        let keys = try DeskKeys(
            folder, password: try password(settings), withBank: withBank,
            signerFile: signerFile(settings))
        if let signer = keys.bank?.remote, signer.address != settings.bank {
            throw Failure.usage(
                "the desk works for \(settings.bank.checksummed), its signer's file is for "
                    + "\(signer.address.checksummed); 'dip bank operator' replaces the operator's key"
            )
        }
        return UnlockedDesk(folder: folder, settings: settings, keys: keys)
    }

    /// The file that names the operator's signer, if the settings name one.
    func signerFile(_ settings: DeskSettings) -> String? {
        settings.signerFile.map { $0.hasPrefix("/") ? $0 : folder.path + "/" + $0 }
    }

    func password(_ settings: DeskSettings) throws -> SecretBytes {
        if passwords.passwordFile != nil || passwords.passwordFd != nil {
            return try passwords.source.read("")
        }
        guard !settings.passwordFile.isEmpty else {
            return try PasswordSource.prompt.read("Password of the desk: ")
        }
        let path =
            settings.passwordFile.hasPrefix("/")
            ? settings.passwordFile : folder.path + "/" + settings.passwordFile
        return try PasswordSource.file(path).read("")
    }
}

/// A desk whose keys are open, and whose journal is not yet.
struct UnlockedDesk {
    let folder: DeskFolder
    let settings: DeskSettings
    let keys: DeskKeys

    /// Opens the journal.
    func open() throws(DeskFault) -> OpenDesk {
        OpenDesk(
            folder: folder, settings: settings, keys: keys,
            journal: try Journal(path: folder.journal, cipher: keys.cipher))
    }
}

/// A desk whose keys and journal are open.
struct OpenDesk {
    let folder: DeskFolder
    let settings: DeskSettings
    let keys: DeskKeys
    let journal: Journal

    /// The currency's amounts, for a person.
    var currency: Currency {
        Currency(
            address: settings.token, symbol: settings.currency.description,
            decimals: settings.currency.decimals)
    }

    /// The balance of a day as the bank stated it, of the last day with one where nil.
    ///
    /// - Throws: ``Failure/usage(_:)`` where the text is no day, or no statement has come.
    func statement(of date: String?) throws -> Journal.Statement {
        if let date, EndOfDay.seconds(date) == nil {
            throw Failure.usage("\"\(date)\" is no day: write 2026-11-25")
        }
        if let statement = try journal.statement(of: date) { return statement }
        let what = "no statement (camt.053 with a closing balance)"
        guard let date else {
            throw Failure.usage("the desk has \(what) yet: put one into \(folder.inbox)")
        }
        throw Failure.usage("the desk has \(what) of \(date)")
    }

    /// A customer by its number, its address, or a label of a keystore.
    func customer(_ text: String, _ names: Names?) throws -> Customer {
        let found: Customer? =
            if let id = Int64(text) {
                try journal.customer(id)
            } else if let address = try address(text, names) {
                try journal.customer(at: address)
            } else {
                nil
            }
        guard let found else {
            throw Failure.failed(
                "the desk has no customer \(text): 'dip bank customer list' shows them, by number and address"
            )
        }
        return found
    }

    /// - Returns: nil for a word that no key has as its label; no customer then.
    private func address(_ text: String, _ names: Names?) throws -> Address? {
        do {
            return try names?.address(text) ?? Address(checked: text)
        } catch WalletFault.unknownAccount {
            return nil
        }
    }

    /// Seconds since 1970.
    static var now: UInt64 { DeskClock.system.now() }
}

extension NodeOptions {
    /// The node of the command line, else the desk's.
    func endpoint(_ settings: DeskSettings) throws -> NodeOptions {
        var options = self
        if options.node == nil { options.node = settings.node }
        return options
    }
}
