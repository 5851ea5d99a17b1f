import Files
import Foundation

/// The few calls of the operating system that the stores need, with faults that say what failed.
enum Files {
    static func fault(_ operation: String, _ path: String, _ code: Int32 = errno) -> StoreFault {
        let kind: StoreFault.Kind =
            switch code {
            case ENOSPC, EDQUOT: .diskFull
            case _ where isLastingRefusal(code): .denied
            default: .inputOutput
            }
        return StoreFault(
            kind, operation: operation, path: path, message: String(cString: strerror(code)))
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
        try sync(parent.isEmpty ? "/" : parent)
    }

    /// Makes a file's bytes, or the names in a folder, durable.
    static func sync(_ path: String) throws(StoreFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw fault("sync", path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw fault("sync", path) }
    }

    // MARK: Folders

    /// Whether there is a file or folder of that name.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The names in a folder in order; none if there is no such folder.
    static func names(in path: String) throws(StoreFault) -> [String] {
        guard exists(path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw StoreFault(
                .inputOutput, operation: "list", path: path, message: error.localizedDescription)
        }
    }

    /// Makes a folder, all that is in it and their names durable, whoever wrote them.
    static func syncTree(_ path: String) throws(StoreFault) {
        for name in try names(in: path) {
            let inner = path + "/" + name
            if isFolder(inner) { try syncTree(inner) } else { try sync(inner) }
        }
        try sync(path)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Gives a file or folder another name, over a file of that name; durable when it returns.
    static func move(_ path: String, to other: String) throws(StoreFault) {
        guard rename(path, other) == 0 else { throw fault("rename", path) }
        try syncFolder(of: path)
        try syncFolder(of: other)
    }

    /// Ends the name of what is being made or removed, and means nothing.
    static let unfinished = ".new"

    /// Removes a folder in such a way that a crash leaves nothing that looks whole.
    static func discard(_ path: String) throws(StoreFault) {
        guard exists(path) else { return }
        try removeAll(path + unfinished)
        try move(path, to: path + unfinished)
        try removeAll(path + unfinished)
    }

    /// Removes a file, or a folder with all that is in it; does nothing if there is none.
    ///
    /// Of a symbolic link only the link goes.
    static func removeAll(_ path: String) throws(StoreFault) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            for name in try names(in: path) { try removeAll(path + "/" + name) }
            guard rmdir(path) == 0 else { throw fault("remove", path) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw fault("remove", path) }
        }
    }
}
