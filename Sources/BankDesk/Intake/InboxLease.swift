import Files
import Glibc
import Synchronization

/// The right to take files out of an inbox, which one desk has at a time: of two, each would miss what the other took.
///
/// It is two locks, which end with whoever has them. That of the folder needs neither room nor leave to write, and is
/// enough on one machine; that of the file `.dipnet-desk` in it is one that network file systems carry to other
/// machines. Where neither can be had for another reason than that a desk has it, files are taken all the same: a desk
/// that works without a lock is worth more than one that waits for what nobody has.
final class InboxLease: Sendable {
    /// The file's name, which nothing takes for a message.
    static let name = ".dipnet-desk"

    private struct State {
        var folder: Int32 = -1
        var file: Int32 = -1
        var isFileLocked = false
    }

    private let inbox: String
    private let state = Mutex(State())

    /// Names an inbox; nothing is done yet.
    init(_ inbox: String) { self.inbox = inbox }

    deinit {
        state.withLock { state in
            if state.isFileLocked, Self.isSame(state.file, path) { unlink(path) }
            Self.drop(&state.file)
            Self.drop(&state.folder)
        }
    }

    private var path: String { inbox + "/" + Self.name }

    /// Takes the inbox, or makes sure that this desk still has it: the folder may be another one by now, or a share
    /// that was mounted since.
    ///
    /// - Throws: ``DeskFault/inboxInUse(path:by:)`` where another desk has it, ``DeskFault/exchange(_:)`` where it
    ///   cannot be read.
    func take() throws(DeskFault) {
        try state.withLock { (state) throws(DeskFault) in
            try takeFolder(&state)
            try takeFile(&state)
        }
    }

    private func takeFolder(_ state: inout State) throws(DeskFault) {
        if state.folder >= 0 {
            if Self.isSame(state.folder, inbox) { return }
            Self.drop(&state.folder)
        }
        let folder = open(inbox, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .exchange(.system("read the folder", inbox, errno)) }
        // NFS locks no folders.
        if flock(folder, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(folder)
            throw inUse()
        }
        state.folder = folder
    }

    private func takeFile(_ state: inout State) throws(DeskFault) {
        if state.file >= 0 {
            if state.isFileLocked, Self.isSame(state.file, path) { return }
            Self.drop(&state.file)
            state.isFileLocked = false
        }
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o664)
        // The disk may be full or not to be written, the file another user's that ended long ago.
        guard file >= 0 else { return }
        let isLocked = flock(file, LOCK_EX | LOCK_NB) == 0
        // A desk that ends removes it, perhaps just now.
        guard isLocked ? Self.isSame(file, path) : errno != EWOULDBLOCK else {
            close(file)
            throw inUse()
        }
        state.file = file
        state.isFileLocked = isLocked
        guard isLocked else { return }
        // For people; whoever has the lock has the inbox, whatever it says.
        let name = Array((Self.hostName() + "\n").utf8)
        if pwrite(file, name, name.count, 0) == name.count { ftruncate(file, off_t(name.count)) }
    }

    private func inUse() -> DeskFault {
        let said = try? WholeFile.read(path, limit: 256)
        let host = String(decoding: said ?? [], as: UTF8.self).filter { !$0.isWhitespace }
        return .inboxInUse(path: inbox, by: host.isEmpty ? Self.hostName() : host)
    }

    private static func isSame(_ file: Int32, _ path: String) -> Bool {
        var (here, there) = (stat(), stat())
        return fstat(file, &here) == 0 && stat(path, &there) == 0
            && here.st_ino == there.st_ino && here.st_dev == there.st_dev
    }

    private static func drop(_ file: inout Int32) {
        if file >= 0 { close(file) }
        file = -1
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        return name.isEmpty ? "unknown" : String(name.prefix(64))
    }
}
