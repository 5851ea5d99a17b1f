import Foundation

/// The few calls of the operating system that the stores need, with faults that say what failed.
enum Files {
    static func fault(_ operation: String, _ path: String, _ code: Int32 = errno) -> StoreFault {
        StoreFault(
            code == ENOSPC || code == EDQUOT ? .diskFull : .inputOutput,
            operation: operation, path: path, message: String(cString: strerror(code)))
    }

    /// Makes a folder and its missing parents, for the owner only.
    ///
    /// One that is there stays as it is.
    static func makeFolder(_ path: String) throws(StoreFault) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw fault("make the folder", path, ENOTDIR)
            }
            return
        }
        if let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex {
            try makeFolder(String(path[..<slash]))
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw fault("make the folder", path)
        }
    }

    /// A file's bytes, up to a bound.
    static func read(_ path: String, atMost limit: Int) throws(StoreFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw fault("read", path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw fault("read", path) }
        let size = Int(status.st_size)
        guard size <= limit else {
            throw StoreFault(
                .inputOutput, operation: "read", path: path,
                message: "it has \(size) bytes, more than \(limit)")
        }
        var bytes = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(file, buffer.baseAddress.map { $0 + done }, size - done, off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault("read", path) }
            guard count > 0 else { break }
            done += count
        }
        bytes.removeLast(size - done)
        return bytes
    }

    /// Puts a file in place of whatever has its name, so that after a crash there is the old one or the
    /// new one and nothing between; durable when it returns.
    static func replace(_ path: String, with bytes: [UInt8]) throws(StoreFault) {
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fault("write", draft) }
        var outcome: StoreFault?
        var done = 0
        while done < bytes.count, outcome == nil {
            let count = bytes.withUnsafeBytes { buffer in
                write(file, buffer.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0, errno != EINTR { outcome = fault("write", draft) }
            done += max(count, 0)
        }
        if outcome == nil, fsync(file) != 0 { outcome = fault("sync", draft) }
        close(file)
        if let outcome { throw outcome }
        guard rename(draft, path) == 0 else { throw fault("rename", draft) }
        try syncFolder(of: path)
    }

    /// Makes the names in a file's folder durable.
    private static func syncFolder(of path: String) throws(StoreFault) {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let folder = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw fault("sync", parent) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw fault("sync", parent) }
    }
}
