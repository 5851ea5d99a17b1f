import Glibc

/// Files that hold secrets: nobody but their owner may read them.
public enum PrivateFile {
    /// Refuses a file that is missing, no regular file, or open to others than its owner.
    /// - Throws: ``FileFault``.
    public static func check(_ path: String) throws(FileFault) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw .system("find", path, errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
        guard facts.st_mode & 0o077 == 0 else { throw .notPrivate(path) }
    }

    /// Reads a whole file that passes the check.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - limit: bytes; a larger file is refused.
    /// - Returns: all of its bytes; wiping them is the caller's duty.
    /// - Throws: ``FileFault``.
    public static func read(_ path: String, limit: Int) throws(FileFault) -> [UInt8] {
        try check(path)
        return try WholeFile.read(path, limit: limit)
    }

    /// Writes a file of mode 0600 in one step, as ``WholeFile/write(_:to:mode:replacing:)`` does.
    /// - Throws: ``FileFault``.
    public static func write(
        _ bytes: [UInt8], to path: String, replacing: Bool = false
    ) throws(FileFault) {
        try WholeFile.write(bytes, to: path, mode: 0o600, replacing: replacing)
    }
}
