import Files
import Ledger

/// Why a key could not be made, read, found or kept.
public enum WalletFault: Error, Equatable, Sendable {
    /// A file that is no keystore file: which member, and what it should be.
    case malformed(file: String, reason: String)
    /// A keystore file with a method that this program does not have.
    case unsupported(file: String, reason: String)
    /// Opening the file would cost more memory or work than is sane.
    case tooCostly(file: String, reason: String)
    /// The password does not open the file, or its contents were changed.
    case wrongPassword(file: String)
    /// The key in the file is not that of the address that the file names.
    case addressMismatch(file: String, stated: Address, actual: Address)
    /// Text that is no private key, and the file that it was in; the text itself is not repeated.
    case badKey(file: String? = nil, reason: String)
    /// A file that says where a signer is, and not as it should.
    case badSigner(file: String, reason: String)
    /// No account in the keystore has this name.
    case unknownAccount(String, folder: String)
    /// Several accounts in the keystore have this name.
    case ambiguousAccount(String, [Address])
    /// The account, or the label, is in the keystore already.
    case alreadyThere(String)
    /// A label that could not be told from an address, or is no plain text.
    case badLabel(String)
    /// A secret that others on this machine can read.
    case notPrivate(file: String, mode: UInt16)
    /// A file that is not there, or is none that may be read.
    case unreadable(file: String, reason: String)
    /// An operation on a file failed.
    case file(String, operation: String, reason: String)
    /// There is no password to be had, or none that will do.
    case noPassword(reason: String)
    /// The machine's random source failed, or libcrypto did.
    case crypto(operation: String)
}

extension WalletFault: CustomStringConvertible {
    /// What is wrong and what would help, for a person.
    public var description: String {
        switch self {
        case .malformed(let file, let reason): "\(file) is no keystore file: \(reason)"
        case .unsupported(let file, let reason): "\(file) cannot be opened: \(reason)"
        case .tooCostly(let file, let reason): "\(file) is not opened: \(reason)"
        case .wrongPassword(let file):
            "the password does not open \(file), or the file was changed"
        case .addressMismatch(let file, let stated, let actual):
            "\(file) says that it is for \(stated.checksummed), but its key is that of"
                + " \(actual.checksummed)"
        case .badKey(let file?, let reason): "\(file) holds no private key: \(reason)"
        case .badKey(nil, let reason): "that is no private key: \(reason)"
        case .badSigner(let file, let reason): "\(file), which names a signer: \(reason)"
        case .unknownAccount(let name, let folder):
            "no account '\(name)' in \(folder); 'dip key list' shows what there is"
        case .ambiguousAccount(let name, let choices):
            "'\(name)' could be \(choices.map(\.checksummed).joined(separator: " or "))"
        case .alreadyThere(let name): "\(name) is in the keystore already"
        case .badLabel(let label):
            "'\(label)' cannot be a label: take 1 to 64 letters, digits, spaces or . _ -, not like an"
                + " address"
        case .notPrivate(let file, let mode):
            "others on this machine can read \(file) (mode \(String(mode, radix: 8))); run:"
                + " chmod 600 \(ShellWord.quoted(file))"
        case .unreadable(let file, let reason): "cannot read \(file): \(reason)"
        case .file(let file, let operation, let reason): "cannot \(operation) \(file): \(reason)"
        case .noPassword(let reason): "no password: \(reason)"
        case .crypto(let operation): "\(operation) failed in libcrypto"
        }
    }
}
