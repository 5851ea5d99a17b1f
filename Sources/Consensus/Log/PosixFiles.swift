import Glibc

/// A folder of the file system, held by one process at a time.
public final class PosixFiles: LogFiles {
    /// The folder's path as given.
    public let path: String
    private let folder: Int32
    private let lock: Int32

    /// Opens the folder, which is made if need be, and locks it until this object is gone.
    ///
    /// - Throws: ``LogFault`` with ``LogFault/Kind/locked(byProcess:)`` if another process has it.
    public init(_ path: String) throws(LogFault) {
        self.path = path
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw LogFault(errno: errno, file: path, operation: "mkdir")
        }
        folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw LogFault(errno: errno, file: path, operation: "open") }
        lock = openat(folder, LogNames.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            let fault = LogFault(errno: errno, file: path + "/" + LogNames.lock, operation: "open")
            close(folder)
            throw fault
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let fault = Self.refusal(errno: errno, lock: lock, path: path)
            close(lock)
            close(folder)
            throw fault
        }
        // Only for the message that a second process prints; the lock itself is what counts.
        let pid = Array("\(getpid())\n".utf8)
        _ = ftruncate(lock, 0)
        _ = pwrite(lock, pid, pid.count, 0)
    }

    deinit {
        close(lock)
        close(folder)
    }

    private static func refusal(errno: Int32, lock: Int32, path: String) -> LogFault {
        guard errno == EWOULDBLOCK else {
            return LogFault(errno: errno, file: path, operation: "flock")
        }
        var digits = [UInt8](repeating: 0, count: 16)
        let count = max(0, pread(lock, &digits, digits.count, 0))
        let text = String(decoding: digits[..<count].prefix { $0 != 10 }, as: UTF8.self)
        return LogFault(.locked(byProcess: Int32(text)), file: path, operation: "lock")
    }

    /// The names of all files in the folder.
    public func names() throws(LogFault) -> [String] {
        // The descriptor that fdopendir takes over must not be the one kept for openat.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else {
            throw LogFault(errno: errno, file: path, operation: "opendir")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Opens a file that exists.
    public func open(_ name: String) throws(LogFault) -> any LogFile {
        try PosixFile(folder: folder, path: path, name: name, flags: O_RDWR, operation: "open")
    }

    /// Makes an empty file with rights for its owner only.
    public func create(_ name: String) throws(LogFault) -> any LogFile {
        try PosixFile(
            folder: folder, path: path, name: name, flags: O_RDWR | O_CREAT | O_TRUNC,
            operation: "create")
    }

    /// Gives a file another name in one step.
    public func rename(_ name: String, to other: String) throws(LogFault) {
        guard renameat(folder, name, folder, other) == 0 else {
            throw LogFault(errno: errno, file: path + "/" + name, operation: "rename")
        }
    }

    /// Removes a file's name; open files go on.
    public func remove(_ name: String) throws(LogFault) {
        guard unlinkat(folder, name, 0) == 0 else {
            throw LogFault(errno: errno, file: path + "/" + name, operation: "remove")
        }
    }

    /// Takes back the lock, which otherwise lasts as long as this object.
    public func release() { flock(lock, LOCK_UN) }

    /// Makes the names durable with fsync.
    public func syncFolder() throws(LogFault) {
        guard fsync(folder) == 0 else {
            throw LogFault(errno: errno, file: path, operation: "fsync")
        }
    }
}

/// A file of the file system.
private final class PosixFile: LogFile {
    let path: String
    private let descriptor: Int32

    init(
        folder: Int32, path: String, name: String, flags: Int32, operation: String
    ) throws(LogFault) {
        self.path = path + "/" + name
        descriptor = openat(folder, name, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw fault(operation) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func size() throws(LogFault) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault("fstat") }
        return Int(status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogFault) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw fault("read", at: offset + done)
            }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogFault) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw fault("write", at: offset + done)
            }
            done += count
        }
    }

    func reserve(_ size: Int) throws(LogFault) {
        // It returns the error, and where the file system cannot reserve it writes zeros instead.
        var code: Int32
        repeat { code = posix_fallocate(descriptor, 0, off_t(size)) } while code == EINTR
        guard code == 0 else {
            throw LogFault(errno: code, file: path, offset: size, operation: "fallocate")
        }
    }

    func truncate(to size: Int) throws(LogFault) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw fault("truncate", at: size) }
    }

    func sync() throws(LogFault) {
        // Never again after a failure: the kernel may have dropped the dirty pages by then.
        guard fdatasync(descriptor) == 0 else { throw fault("fdatasync") }
    }

    private func fault(_ operation: String, at offset: Int? = nil) -> LogFault {
        LogFault(errno: errno, file: path, offset: offset, operation: operation)
    }
}
