import Glibc
import Ledger

/// Files that only their owner may read: mode 0600 in folders of mode 0700.
public enum PrivateFiles {
    /// Makes a folder of mode 0700 with those above it; one that is there stays as it is.
    ///
    /// - Throws: ``WalletFault/file(_:operation:reason:)``, ``WalletFault/notPrivate(file:mode:)`` for
    ///   one that is there and that others may change.
    public static func makeFolder(_ path: String) throws(WalletFault) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            throw fault(made, "make the folder")
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw fault(path, "look at") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .file(path, operation: "use", reason: "it is no folder")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw .notPrivate(file: path, mode: UInt16(status.st_mode & 0o777))
        }
    }

    /// Writes a file in one step: it is there with all of its bytes, on disk, or not at all.
    ///
    /// - Parameters:
    ///   - contents: its bytes.
    ///   - path: where.
    ///   - replacing: whether a file may be there already.
    /// - Throws: ``WalletFault/file(_:operation:reason:)``, also where one is there that may not be.
    public static func write(
        _ contents: SecretBytes, to path: String, replacing: Bool = false
    ) throws(WalletFault) {
        let suffix = Hex.encode(try RandomBytes.make(8))
        let temporary = folder(of: path) + "/." + suffix + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault(path, "write") }
        do {
            defer { close(descriptor) }
            var written = 0
            while written < contents.count {
                let count = contents.withBytes { bytes in
                    Glibc.write(
                        descriptor, bytes.baseAddress?.advanced(by: written),
                        bytes.count - written)
                }
                guard count >= 0 || errno == EINTR else {
                    throw discard(temporary, fault(path, "write"))
                }
                written += max(0, count)
            }
            guard fchmod(descriptor, 0o600) == 0, fsync(descriptor) == 0 else {
                throw discard(temporary, fault(path, "write"))
            }
        }
        // A link fails where the name is taken, a rename would replace what is there.
        let placed = replacing ? rename(temporary, path) : link(temporary, path)
        guard placed == 0 else { throw discard(temporary, fault(path, "write")) }
        if !replacing { unlink(temporary) }
        try sync(folder: folder(of: path))
    }

    /// Reads a file of at most so many bytes.
    ///
    /// - Parameters:
    ///   - path: which.
    ///   - limit: a larger file is refused before memory is taken.
    ///   - isSecret: whether it must be its owner's alone.
    /// - Returns: all of it.
    /// - Throws: ``WalletFault/unreadable(file:reason:)``, ``WalletFault/notPrivate(file:mode:)``,
    ///   ``WalletFault/file(_:operation:reason:)``.
    public static func read(
        _ path: String, atMost limit: Int, isSecret: Bool = false
    ) throws(WalletFault) -> SecretBytes {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault(path, "read") }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw .unreadable(file: path, reason: "it is a folder")
        }
        if isSecret, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 {
            throw .notPrivate(file: path, mode: UInt16(status.st_mode & 0o777))
        }
        return try read(descriptor, name: path, atMost: limit, untilLineEnd: false)
    }

    /// Reads an open file to its end, or to the end of a line, which is left out, or a byte after which none comes.
    /// - Throws: ``WalletFault/file(_:operation:reason:)``, ``WalletFault/unreadable(file:reason:)`` for too
    ///   large a file.
    static func read(
        _ descriptor: Int32, name: String, atMost limit: Int, untilLineEnd: Bool,
        orAfter last: UInt8? = nil
    ) throws(WalletFault) -> SecretBytes {
        var count = 0
        let buffer = try SecretBytes(count: limit + 1) { memory throws(WalletFault) in
            while count <= limit {
                // Byte by byte where the rest of the input belongs to somebody else.
                let wanted = untilLineEnd ? 1 : memory.count - count
                let got = Glibc.read(descriptor, memory.baseAddress?.advanced(by: count), wanted)
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw fault(name, "read") }
                if got == 0 || untilLineEnd && memory[count] == 0x0a { break }
                count += got
                if let last, memory[count - 1] == last { break }
            }
        }
        guard count <= limit else {
            throw .unreadable(file: name, reason: "it has more than \(limit) bytes")
        }
        return buffer.withBytes { SecretBytes($0[..<count]) }
    }

    static func fault(_ path: String, _ operation: String) -> WalletFault {
        .file(path, operation: operation, reason: String(cString: strerror(errno)))
    }

    private static func discard(_ temporary: String, _ fault: WalletFault) -> WalletFault {
        unlink(temporary)
        return fault
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a new name last through a loss of power.
    private static func sync(folder: String) throws(WalletFault) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(folder, "sync") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(folder, "sync") }
    }
}
