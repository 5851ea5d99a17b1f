import Files
import Glibc

/// Writes files for the bank: under their name they are there with all their bytes, on disk, or not at all.
enum OutboxFile {
    /// Writes a file; one of the same name is replaced, which has the same bytes.
    ///
    /// - Throws: ``DeskFault/noRoom(_:)`` and ``DeskFault/exchange(_:)``, which pass: the folder may be a share.
    static func write(_ bytes: [UInt8], named name: String, in folder: String) throws(DeskFault) {
        // One name, so that a kill leaves at most one such file, and the next try takes it away.
        let temporary = "\(folder)/.\(name).tmp"
        let path = "\(folder)/\(name)"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .ofExchange(.system("write", temporary, errno)) }
        defer { close(file) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { memory in
                Glibc.write(file, memory.baseAddress.map { $0 + done }, memory.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw discarding(temporary) }
            done += count
        }
        guard fsync(file) == 0, rename(temporary, path) == 0 else { throw discarding(temporary) }
        do { try WholeFile.syncFolder(of: path) } catch { throw .ofExchange(error) }
    }

    private static func discarding(_ path: String) -> DeskFault {
        let number = errno
        unlink(path)
        return .ofExchange(.system("write", path, number))
    }
}
