import Ledger
import Signing
import Wallet

/// Whose signature is wanted: known by its address before its key is unlocked.
enum Signer {
    /// A key file, whose password has not been asked for.
    case stored(Keystore.Entry, Keystore, PasswordSource)
    /// A key that lay open in a file, or of which a file said which signer has it.
    case plain(SigningKey)
    /// A published key.
    case development(UInt32)

    /// The chain on which published keys may be used.
    static let developmentChain: UInt64 = 3355

    init(_ options: SignerOptions, _ keystore: Keystore) throws {
        if let number = options.devKey {
            self = .development(number)
            return
        }
        if let file = options.keyFile {
            self = .plain(try .read(file))
            return
        }
        let account: Keystore.Entry
        if let text = options.account {
            account = try keystore.entry(text)
        } else {
            account = try Self.only(keystore)
        }
        self = .stored(account, keystore, options.passwords.source)
    }

    private static func only(_ keystore: Keystore) throws -> Keystore.Entry {
        let accounts = try keystore.entries()
        guard let first = accounts.first else {
            throw Failure.usage(
                "there is no key in \(keystore.folder): make one with 'dip key new', or on a "
                    + "development ledger sign with --dev-key 1")
        }
        guard accounts.count == 1 else {
            throw Failure.usage(
                "there are \(accounts.count) accounts in \(keystore.folder): say --account")
        }
        return first
    }

    /// The account that signs.
    var address: Address {
        switch self {
        case .stored(let account, _, _): account.address
        case .plain(let key): key.address
        case .development(let number): PrivateKey.development(number).address
        }
    }

    /// Refuses published keys where there may be real money.
    func check(chainID: UInt64) throws {
        guard case .development = self, chainID != Self.developmentChain else { return }
        throw Failure.usage(
            "this is chain \(chainID): development keys are published and sign on chain "
                + "\(Self.developmentChain) only")
    }

    /// The key; asks for the password where there is one.
    func unlock() throws -> SigningKey {
        switch self {
        case .development(let number): return .local(.development(number))
        case .plain(let key): return key
        case .stored(let account, let keystore, let source):
            let name = account.label.map { "\($0) (\(account.address.checksummed))" }
            let password = try source.read(
                "Password for \(name ?? account.address.checksummed): ")
            return .local(try keystore.key(of: account, password: password))
        }
    }
}
