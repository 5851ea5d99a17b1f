import Glibc
import JSON
import Ledger

/// A folder of keystore files, one an account, named as other wallets name them.
///
/// An account is addressed by its address, by the beginning of it (three digits at least) where that
/// is enough, or by a label. No file is opened with its password but the one that is wanted.
public struct Keystore: Sendable {
    /// An account in the folder.
    public struct Entry: Hashable, Sendable {
        /// Its address.
        public let address: Address
        /// The name that its owner gave it.
        public let label: String?
        /// The file.
        public let path: String

        /// Makes an entry; nothing is read or written.
        public init(address: Address, label: String?, path: String) {
            self.address = address
            self.label = label
            self.path = path
        }
    }

    /// The folder.
    public let folder: String

    /// The keystore in a folder, which is made when the first key is kept.
    public init(folder: String) { self.folder = folder }

    /// The accounts, by address; files that are no keystore file with an address are passed over.
    /// - Throws: ``WalletFault/file(_:operation:reason:)`` where the folder is there and cannot be read.
    public func entries() throws(WalletFault) -> [Entry] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw PrivateFiles.fault(folder, "read the folder")
        }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let found = readdir(directory) {
            let name = withUnsafeBytes(of: found.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = folder + "/" + name
            guard !name.hasPrefix("."), let file = try? Self.load(path), let address = file.address
            else { continue }
            entries.append(Entry(address: address, label: file.label, path: path))
        }
        return entries.sorted { ($0.address, $0.path) < ($1.address, $1.path) }
    }

    /// The one account that a name stands for; without a name the only one there is.
    ///
    /// - Throws: ``WalletFault/unknownAccount(_:folder:)``, ``WalletFault/ambiguousAccount(_:_:)``,
    ///   ``WalletFault/file(_:operation:reason:)``.
    public func entry(_ name: String?) throws(WalletFault) -> Entry {
        let entries = try entries()
        guard let name else {
            if entries.count == 1 { return entries[0] }
            if entries.isEmpty { throw .unknownAccount("", folder: folder) }
            throw .ambiguousAccount("", entries.map(\.address))
        }
        if let exact = entries.first(where: { $0.label == name }) { return exact }
        let digits = (name.hasPrefix("0x") ? String(name.dropFirst(2)) : name).lowercased()
        let isPrefix = digits.utf8.count >= 3 && digits.utf8.allSatisfy { Hex.digit($0) != nil }
        let matches =
            isPrefix ? entries.filter { Hex.encode($0.address.bytes).hasPrefix(digits) } : []
        guard let first = matches.first else { throw .unknownAccount(name, folder: folder) }
        guard matches.allSatisfy({ $0.address == first.address }) else {
            throw .ambiguousAccount(name, matches.map(\.address))
        }
        return first
    }

    /// Decrypts an account's key.
    /// - Throws: as ``KeystoreFile/open(_:file:)``, and for a file that is gone or changed.
    public func key(
        of entry: Entry, password: SecretBytes
    ) throws(WalletFault) -> PrivateKey {
        try Self.load(entry.path).open(password, file: entry.path)
    }

    /// Keeps a key.
    ///
    /// - Parameters:
    ///   - key: not in the folder yet.
    ///   - password: opens it again.
    ///   - label: a name, not in the folder yet.
    ///   - time: now, seconds since 1970, for the file's name.
    ///   - derivation: less than the standard only in tests.
    /// - Returns: the account as it is listed from now on.
    /// - Throws: ``WalletFault/alreadyThere(_:)``, ``WalletFault/badLabel(_:)``, and what writing meets.
    public func add(
        _ key: PrivateKey, password: SecretBytes, label: String? = nil, time: Int,
        derivation: KeyDerivation = .standard
    ) throws(WalletFault) -> Entry {
        try check(label: label)
        let entries = try entries()
        if entries.contains(where: { $0.address == key.address }) {
            throw .alreadyThere(key.address.checksummed)
        }
        if let label, entries.contains(where: { $0.label == label }) {
            throw .alreadyThere("the label '\(label)'")
        }
        let file = try KeystoreFile(
            key, password: password, label: label, derivation: derivation)
        try PrivateFiles.makeFolder(folder)
        let path = folder + "/" + Self.fileName(key.address, time: time)
        try Self.save(file, to: path)
        return Entry(address: key.address, label: label, path: path)
    }

    /// Gives an account another label, or none.
    /// - Throws: ``WalletFault/alreadyThere(_:)``, ``WalletFault/badLabel(_:)``, and what writing meets.
    public func label(_ entry: Entry, as label: String?) throws(WalletFault) {
        try check(label: label)
        if let label,
            try entries().contains(where: { $0.label == label && $0.path != entry.path })
        {
            throw .alreadyThere("the label '\(label)'")
        }
        try Self.save(Self.load(entry.path).labelled(label), to: entry.path, replacing: true)
    }

    private static func load(_ path: String) throws(WalletFault) -> KeystoreFile {
        let bytes = try PrivateFiles.read(path, atMost: KeystoreFile.maximumBytes)
        return try KeystoreFile(parsing: bytes.withBytes { Array($0) }, file: path)
    }

    private static func save(
        _ file: KeystoreFile, to path: String, replacing: Bool = false
    ) throws(WalletFault) {
        var writer = JSONWriter()
        writer.value(file.json)
        try PrivateFiles.write(SecretBytes(writer.bytes), to: path, replacing: replacing)
    }

    /// A label must be typed easily and never be taken for an address or a part of one.
    private func check(label: String?) throws(WalletFault) {
        guard let label else { return }
        let isPlain = label.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || $0.properties.numericType != nil
                || " ._-".contains(Character($0))
        }
        let looksLikeAddress =
            label.hasPrefix("0x")
            || label.utf8.count >= 3 && label.utf8.allSatisfy { Hex.digit($0) != nil }
        guard (1...64).contains(label.count), isPlain, !looksLikeAddress else {
            throw .badLabel(label)
        }
    }

    /// `UTC--2024-05-01T12-00-00.000000000Z--address`, as go-ethereum names files.
    private static func fileName(_ address: Address, time: Int) -> String {
        var seconds = time_t(time)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ value: Int32, _ digits: Int = 2) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let day =
            "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
        let clock = "\(padded(parts.tm_hour))-\(padded(parts.tm_min))-\(padded(parts.tm_sec))"
        return "UTC--\(day)T\(clock).000000000Z--\(Hex.encode(address.bytes))"
    }
}
