import Files
import Glibc
import ISO20022
import Ledger
import Wallet

/// Where a desk keeps its things, mode 0700.
public struct DeskFolder: Sendable {
    /// The folder.
    public let path: String

    /// Names a folder; nothing is made or read.
    public init(_ path: String) { self.path = path }

    /// `desk.json`.
    public var settings: String { path + "/desk.json" }
    /// `desk.begun`, while `dip bank init` is at work: what it began.
    public var begun: String { path + "/desk.begun" }
    /// `desk.sqlite`, the journal.
    public var journal: String { path + "/desk.sqlite" }
    /// `keys`, a keystore: the operator's key and the one of the journal's fields.
    public var keys: String { path + "/keys" }
    /// `customers`, a keystore: keys that the bank keeps for customers.
    public var customers: String { path + "/customers" }
    /// `inbox`, unless the command line names another one.
    public var inbox: String { path + "/inbox" }
    /// `outbox`, unless the command line names another one.
    public var outbox: String { path + "/outbox" }
    /// `quarantine`: messages that could not be read, each with its reason.
    public var quarantine: String { path + "/quarantine" }
    /// `archive`: messages that were dealt with.
    public var archive: String { path + "/archive" }
    /// `spool`: copies of messages that are being dealt with.
    public var spool: String { path + "/spool" }

    /// The file of a message that came in.
    ///
    /// - Parameter hash: SHA-256 of its bytes.
    /// - Returns: nil where there is none any more.
    public func file(ofMessage hash: Hash32) -> String? {
        let digits = Hex.encode(hash.bytes)
        let kinds = MessageKind.allCases.map(\.rawValue) + ["unknown"]
        let places =
            ["\(quarantine)/\(digits).xml", "\(spool)/\(digits).xml"]
            + kinds.map { "\(archive)/\($0)-\(digits).xml" }
        return places.first { access($0, F_OK) == 0 }
    }

    /// Makes the folder and those in it; of those that are there, nobody but the owner gets into what is personal.
    public func make() throws(DeskFault) {
        for folder in [path, quarantine, archive, spool] { try close(folder) }
        try BankDesk.keys { () throws(WalletFault) in
            for folder in [path, inbox, outbox, quarantine, archive, spool] {
                try PrivateFiles.makeFolder(folder)
            }
        }
    }

    private func close(_ folder: String) throws(DeskFault) {
        guard chmod(folder, 0o700) != 0, errno != ENOENT else { return }
        throw DeskFault(.system("make private", folder, errno))
    }
}

/// The right to be the one desk of a folder; given up when the last holder lets go, or the process ends.
public final class DeskLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``DeskFault/folderInUse(path:)`` where another process has it, ``DeskFault/noDesk(path:)`` where
    ///   there is no `desk.json`.
    public init(_ folder: DeskFolder) throws(DeskFault) {
        let path = folder.path + "/desk.lock"
        // Named by mistake, a folder gets no lock of ours.
        guard access(folder.settings, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR else {
            throw .noDesk(path: folder.path)
        }
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DeskFault(.system("open", path, errno))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            throw number == EWOULDBLOCK
                ? .folderInUse(path: folder.path) : DeskFault(.system("lock", path, number))
        }
    }

    deinit { close(descriptor) }
}
