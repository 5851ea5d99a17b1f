import Files
import Glibc
import Ledger

/// Copies of messages under the SHA-256 of their bytes, which nobody else writes to.
struct Spool: Sendable {
    let folder: DeskFolder
    /// The largest file, in bytes.
    let largest: Int

    /// A copy.
    struct Copy: Sendable {
        let hash: Hash32
        let bytes: Int
        /// The file that was copied, as it looked.
        let look: FileLook
    }

    /// Why a file was not copied.
    enum Obstacle: Error {
        /// It is no regular file.
        case notAFile
        /// It has no bytes.
        case empty(FileLook)
        /// It has more bytes than the limit.
        case tooLarge(FileLook)
        /// It changed meanwhile, or is gone.
        case unsettled
        /// It cannot be read: the number of the system's fault.
        case unreadable(Int32)
        case fault(DeskFault)
    }

    /// Where the copy of a message is.
    func path(of hash: Hash32) -> String { "\(folder.spool)/\(Hex.encode(hash.bytes)).xml" }

    /// Copies a file, on disk when this returns.
    ///
    /// - Parameters:
    ///   - name: neither a link nor anything but a file is followed.
    ///   - inbox: where it is.
    /// - Returns: its hash and length.
    /// - Throws: ``Obstacle``.
    func copy(_ name: String, in inbox: String) throws(Obstacle) -> Copy {
        let path = inbox + "/" + name
        // Without O_NONBLOCK a pipe would hold the desk up.
        let source = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else {
            if errno == ENOENT { throw .unsettled }
            if errno == ELOOP { throw .notAFile }
            throw .unreadable(errno)
        }
        defer { close(source) }
        var before = stat()
        guard fstat(source, &before) == 0, before.st_mode & S_IFMT == S_IFREG else {
            throw .notAFile
        }
        guard before.st_size <= largest else { throw .tooLarge(FileLook(before)) }
        guard !Self.isBeingWritten(source) else { throw .unsettled }
        let temporary = folder.spool + "/.copy"
        unlink(temporary)
        let target = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw .fault(DeskFault(.system("write", temporary, errno))) }
        defer {
            close(target)
            unlink(temporary)
        }
        let (hash, bytes) = try transfer(source, FileLook(before), to: target, temporary)
        guard bytes > 0 else { throw .empty(FileLook(before)) }
        let copy = Copy(hash: hash, bytes: bytes, look: FileLook(before))
        var after = stat()
        guard fstat(source, &after) == 0, after.st_size == bytes, FileLook(after) == copy.look
        else { throw .unsettled }
        let place = self.path(of: hash)
        guard fsync(target) == 0, rename(temporary, place) == 0 else {
            throw .fault(DeskFault(.system("write", place, errno)))
        }
        do { try WholeFile.syncFolder(of: place) } catch { throw .fault(DeskFault(error)) }
        return copy
    }

    /// Whether another process has the file open for writing.
    ///
    /// It may only pause, and what it writes after the file was taken would be lost. Linux says so of files of
    /// this user, on disks of this machine.
    private static func isBeingWritten(_ file: Int32) -> Bool {
        // A lease to read is refused while there is a writer; F_SETLEASE is a macro that Swift does not see.
        let setLease: Int32 = 1024
        guard fcntl(file, setLease, F_RDLCK) != 0 else {
            _ = fcntl(file, setLease, F_UNLCK)
            return false
        }
        return errno == EAGAIN
    }

    private func transfer(
        _ source: Int32, _ look: FileLook, to target: Int32, _ temporary: String
    ) throws(Obstacle) -> (Hash32, bytes: Int) {
        var hash = SHA256()
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let got = buffer.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(errno) }
            if got == 0 { return (hash.finalize(), count) }
            count += got
            guard count <= largest else { throw .tooLarge(look) }
            hash.update(buffer[..<got])
            var done = 0
            while done < got {
                let wrote = buffer.withUnsafeBytes { bytes in
                    write(target, bytes.baseAddress.map { $0 + done }, got - done)
                }
                if wrote < 0, errno == EINTR { continue }
                guard wrote >= 0 else {
                    throw .fault(DeskFault(.system("write", temporary, errno)))
                }
                done += wrote
            }
        }
    }

    /// Moves a message out of the spool; nothing where it is out already.
    func move(_ hash: Hash32, to place: String) throws(DeskFault) {
        guard rename(path(of: hash), place) == 0 else {
            if errno == ENOENT { return }
            throw DeskFault(.system("move", place, errno))
        }
        try files { () throws(FileFault) in
            try WholeFile.syncFolder(of: place)
            try WholeFile.syncFolder(of: path(of: hash))
        }
    }

    /// Moves a message from quarantine back into the spool, to be read again; nothing where it is there.
    func takeBack(_ hash: Hash32) throws(DeskFault) {
        let place = quarantined(hash)
        unlink(reason(of: hash))
        guard rename(place, path(of: hash)) == 0 || errno == ENOENT else {
            throw DeskFault(.system("move", place, errno))
        }
        try files { () throws(FileFault) in try WholeFile.syncFolder(of: path(of: hash)) }
    }

    /// Where a message goes that was dealt with.
    func archived(_ message: Journal.Message) -> String {
        "\(folder.archive)/\(message.kind ?? "unknown")-\(Hex.encode(message.hash.bytes)).xml"
    }

    /// Where a message goes that could not be read.
    func quarantined(_ hash: Hash32) -> String {
        "\(folder.quarantine)/\(Hex.encode(hash.bytes)).xml"
    }

    /// Where it says why.
    func reason(of hash: Hash32) -> String { quarantined(hash) + ".reason.json" }
}
