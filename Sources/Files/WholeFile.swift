import Glibc

/// Files that are read and written at once.
public enum WholeFile {
    /// What memory is taken for at first where less is there, or nobody knows how much.
    private static let smallBytes = 4095

    /// Reads a file to its end; it takes memory for what is there, not for what may be.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - limit: bytes; a larger file is refused.
    /// - Returns: all of its bytes.
    /// - Throws: ``FileFault``.
    public static func read(_ path: String, limit: Int) throws(FileFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("read", path, errno) }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0 else { throw .system("read", path, errno) }
        // A byte more than there is shows the end. A pipe has no size, and a file may grow meanwhile.
        let size = max(Int(facts.st_size), smallBytes)
        var bytes = [UInt8](repeating: 0, count: min(size, limit) + 1)
        var count = 0
        while true {
            if count == bytes.count {
                guard count <= limit else { throw .tooLarge(path, limit: limit) }
                bytes += [UInt8](repeating: 0, count: min(count, limit + 1 - count))
            }
            let got = bytes.withUnsafeMutableBytes { room in
                Glibc.read(file, room.baseAddress.map { $0 + count }, room.count - count)
            }
            if got == 0 { break }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw .system("read", path, errno) }
            count += got
        }
        // In place, for a copy of a file's secret would be left behind; what comes through a pipe is copied as
        // it grows.
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Writes a file in one step: it is there with all its bytes, on disk, or not at all.
    ///
    /// - Parameters:
    ///   - bytes: what it will hold.
    ///   - path: where.
    ///   - mode: who may read it.
    ///   - replacing: whether a file may be there already.
    /// - Throws: ``FileFault``, also where one is there that may not be.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, replacing: Bool = false
    ) throws(FileFault) {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw .system("write", path, errno) }
        defer {
            close(file)
            unlink(temporary)
        }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { memory in
                Glibc.write(file, memory.baseAddress.map { $0 + done }, memory.count - done)
            }
            guard count >= 0 || errno == EINTR else { throw .system("write", path, errno) }
            done += max(0, count)
        }
        guard fchmod(file, mode) == 0, fsync(file) == 0 else { throw .system("write", path, errno) }
        // A link fails where the name is taken, a rename would replace what is there.
        guard (replacing ? rename(temporary, path) : link(temporary, path)) == 0 else {
            throw .system("write", path, errno)
        }
        try syncFolder(of: path)
    }

    /// Makes a new name last through a loss of power.
    ///
    /// - Parameter path: what was made, a file or a folder.
    /// - Throws: ``FileFault``.
    public static func syncFolder(of path: String) throws(FileFault) {
        let slash = path.lastIndex(of: "/")
        let name = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system("sync", name, errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw .system("sync", name, errno) }
    }
}
