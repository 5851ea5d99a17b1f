import Glibc
import Ledger
import Signing
import Synchronization
import Wallet

/// The keys that a desk signs with: the bank's operator's, and those that it keeps for customers.
public final class DeskKeys: Sendable {
    /// The labels of the two keys in ``DeskFolder/keys``.
    public enum Label {
        /// Signs for the bank.
        public static let bank = "operator"
        /// From which the journal's encryption is derived; it signs nothing.
        public static let fields = "fields"
    }

    /// Encrypts what is personal.
    public let cipher: FieldCipher
    /// The bank's operator's key; nil where only the journal is to be read.
    public let bank: SigningKey?
    private let customers: Keystore
    private let opened = Mutex<[Address: PrivateKey]>([:])

    /// Opens a desk's keys.
    ///
    /// - Parameters:
    ///   - folder: the desk's.
    ///   - password: opens its keystore.
    ///   - withBank: whether the operator's key is needed.
    ///   - signerFile: names the signer that has that key; nil: the keystore has it.
    /// - Throws: ``DeskFault/wallet(_:)``.
    public init(
        _ folder: DeskFolder, password: SecretBytes, withBank: Bool,
        signerFile: String? = nil
    ) throws(DeskFault) {
        let store = Keystore(folder: folder.keys)
        let labels = Set(try keys { () throws(WalletFault) in try store.entries().map(\.label) })
        let isBankHere = withBank && signerFile == nil
        guard labels.isSuperset(of: [Label.fields] + (isBankHere ? [Label.bank] : [])) else {
            throw .refused(
                "the desk's keys are not in \(folder.keys): restore them from the backup")
        }
        customers = Keystore(folder: folder.customers)
        cipher = FieldCipher(
            try keys { () throws(WalletFault) in
                try store.key(of: store.entry(Label.fields), password: password)
            })
        bank =
            withBank
            ? try keys { () throws(WalletFault) in
                if let signerFile { return try .read(signerFile) }
                return .local(try store.key(of: store.entry(Label.bank), password: password))
            } : nil
    }

    /// Makes a desk's keystore; what is in it already, from a beginning that was interrupted, stays.
    ///
    /// - Parameters:
    ///   - folder: the desk's.
    ///   - bank: the operator's key, which is copied unless a signer elsewhere has it.
    ///   - password: will open the keystore, or opens what is in it.
    ///   - derivation: how costly a guess at the password is.
    ///   - time: seconds since 1970.
    /// - Throws: ``DeskFault/wallet(_:)``, also where the password opens nothing;
    ///   ``DeskFault/refused(_:)`` where another operator's key is there.
    public static func make(
        _ folder: DeskFolder, bank: SigningKey, password: SecretBytes, derivation: KeyDerivation,
        time: UInt64
    ) throws(DeskFault) {
        let store = Keystore(folder: folder.keys)
        let entries = try keys { () throws(WalletFault) in try store.entries() }
        if let other = entries.first(where: { $0.label == Label.bank }),
            other.address != bank.address
        {
            throw .refused(
                "\(folder.keys) has the key of another operator, \(other.address.checksummed): sign "
                    + "with that one, or name another folder")
        }
        try keys { () throws(WalletFault) in
            for entry in entries { _ = try store.key(of: entry, password: password) }
            for (key, label) in [(bank.local, Label.bank), (try PrivateKey.random(), Label.fields)]
            {
                guard let key, !entries.contains(where: { $0.label == label }) else { continue }
                _ = try store.add(
                    key, password: password, label: label, time: Int(time), derivation: derivation)
            }
        }
    }

    /// Takes another operator's key into use; the old one stays in the keystore under another label.
    ///
    /// - Parameters:
    ///   - folder: the desk's.
    ///   - key: the new one; one that a signer elsewhere has stays there.
    ///   - password: opens the keystore.
    ///   - derivation: how costly a guess at the password is.
    ///   - time: seconds since 1970.
    /// - Throws: ``DeskFault/wallet(_:)``.
    public static func replaceBank(
        _ folder: DeskFolder, with key: SigningKey, password: SecretBytes,
        derivation: KeyDerivation, time: UInt64
    ) throws(DeskFault) {
        let store = Keystore(folder: folder.keys)
        try keys { () throws(WalletFault) in
            // Each step is found done when a kill came behind it.
            if let key = key.local,
                try !store.entries().contains(where: { $0.address == key.address })
            {
                _ = try store.add(
                    key, password: password, time: Int(time), derivation: derivation)
            }
            for entry in try store.entries() where entry.label == Label.bank {
                guard entry.address != key.address || key.local == nil else { return }
                try store.label(entry, as: formerLabel(in: store, time: time))
            }
            guard key.local != nil else { return }
            for entry in try store.entries() where entry.address == key.address {
                try store.label(entry, as: Label.bank)
            }
        }
    }

    /// A label that no key has; two operators may go within a second.
    private static func formerLabel(
        in store: Keystore, time: UInt64
    ) throws(WalletFault) -> String {
        let taken = Set(try store.entries().compactMap(\.label))
        let label = "former operator \(time)"
        var (free, number) = (label, 1)
        while taken.contains(free) {
            number += 1
            free = "\(label)-\(number)"
        }
        return free
    }

    /// Makes a key for a customer and keeps it.
    /// - Throws: ``DeskFault/wallet(_:)``.
    public func makeCustomerKey(time: UInt64) throws(DeskFault) -> Address {
        try keep(keys { () throws(WalletFault) in try PrivateKey.random() }, time: time)
    }

    /// Keeps a key that its customer has as well; one that is kept already stays.
    ///
    /// The password is as strong as a key, so that opening the file need not be costly.
    /// - Throws: ``DeskFault/wallet(_:)``.
    public func keep(_ key: PrivateKey, time: UInt64) throws(DeskFault) -> Address {
        try keys { () throws(WalletFault) in
            if try customers.entries().contains(where: { $0.address == key.address }) {
                return key.address
            }
            return try customers.add(
                key, password: cipher.customerPassword, time: Int(time), derivation: .light
            ).address
        }
    }

    /// The file of a key, found by its name: opening thousands of files for one would take long.
    private func customerFile(_ account: Address) -> String? {
        guard let directory = opendir(customers.folder) else { return nil }
        defer { closedir(directory) }
        let suffix = "--" + Hex.encode(account.bytes)
        while let found = readdir(directory) {
            let name = withUnsafeBytes(of: found.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(suffix) { return customers.folder + "/" + name }
        }
        return nil
    }

    /// The key of an account, if the desk has it.
    /// - Throws: ``DeskFault/wallet(_:)`` where it is there and cannot be opened.
    public func key(of account: Address) throws(DeskFault) -> SigningKey? {
        if account == bank?.address { return bank }
        return try customerKey(of: account).map { .local($0) }
    }

    /// The key that the desk keeps for a customer, if it has it.
    /// - Throws: ``DeskFault/wallet(_:)`` where it is there and cannot be opened.
    public func customerKey(of account: Address) throws(DeskFault) -> PrivateKey? {
        if let key = opened.withLock({ $0[account] }) { return key }
        let key = try keys { () throws(WalletFault) -> PrivateKey? in
            guard let path = customerFile(account) else { return nil }
            let entry = Keystore.Entry(address: account, label: nil, path: path)
            return try customers.key(of: entry, password: cipher.customerPassword)
        }
        if let key { opened.withLock { $0[account] = key } }
        return key
    }
}
