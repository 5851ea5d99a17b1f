import Files
import Glibc

/// A folder into which the bank puts files.
///
/// A file is taken when it looked the same for some seconds, or was not changed for some more: a bank that writes
/// under a name with a dot in front and renames loses nothing, and one that writes slowly is waited for.
struct Inbox: Sendable {
    let path: String
    /// The right to take files out of it.
    let lease: InboxLease
    /// How each file looks that is waited for, and since when.
    private var looks: [String: (look: FileLook, since: UInt64)] = [:]
    /// Files that were looked at in vain, so that each is told of once.
    private var passedOver: [String: FileLook] = [:]
    /// Files that stay for their names, as the folder was read last.
    private var unnamed: [FileLook] = []
    /// Of which of them somebody was told.
    private var toldUnnamed: Set<UInt64> = []

    /// How long lies between two looks; clocks that count whole seconds make it one less.
    private static let secondsBetweenLooks: UInt64 = 3
    /// How long an untouched file needs no second look.
    private static let settledSeconds = 5
    /// How long nothing is thought of a file without a byte: somebody may be about to write it.
    private static let emptySeconds = 600
    /// The most files that are looked at together.
    private static let most = 10_000

    /// - Parameter path: the folder.
    init(_ path: String) {
        self.path = path
        lease = InboxLease(path)
    }

    /// Whether a file is being waited for.
    var isWaiting: Bool { !looks.isEmpty }

    /// Looks for files that are complete.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: their names, in order.
    /// - Throws: ``DeskFault/exchange(_:)`` where the folder cannot be read.
    mutating func complete(now: UInt64) throws(DeskFault) -> [String] {
        guard let directory = opendir(path) else {
            throw .exchange(.system("read the folder", path, errno))
        }
        defer { closedir(directory) }
        unnamed = []
        var seen: [String: (look: FileLook, since: UInt64)] = [:]
        var complete: [String] = []
        while complete.count < Self.most, seen.count < Self.most, let found = readdir(directory) {
            let name = withUnsafeBytes(of: found.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let name else {
                look(atUnnamed: found, in: directory)
                continue
            }
            guard !Self.isTemporary(name) else { continue }
            var facts = stat()
            guard lstat(path + "/" + name, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
                continue
            }
            let look = FileLook(facts)
            guard passedOver[name] != look else { continue }
            if look.size == 0, look.seconds > Int(clamping: now) - Self.emptySeconds { continue }
            // A file may be of any time that its file system keeps.
            let isOld = look.seconds <= Int(clamping: now) - Self.settledSeconds
            let before = looks[name]
            let since = before?.look == look ? before?.since ?? now : now
            if isOld || since + Self.secondsBetweenLooks <= now {
                complete.append(name)
            } else {
                seen[name] = (look, since)
            }
        }
        looks = seen
        // What is gone leaves its number to another file.
        toldUnnamed.formIntersection(unnamed.map(\.inode))
        return complete.sorted()
    }

    /// Takes note of a file whose name is no UTF-8: it cannot be named again, and so stays.
    private mutating func look(
        atUnnamed found: UnsafeMutablePointer<dirent>, in directory: OpaquePointer
    ) {
        var facts = stat()
        let isFile = withUnsafePointer(to: &found.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                name[0] != 0x2e
                    && fstatat(dirfd(directory), name, &facts, AT_SYMLINK_NOFOLLOW) == 0
            }
        }
        guard isFile, facts.st_mode & S_IFMT == S_IFREG else { return }
        unnamed.append(FileLook(facts))
    }

    /// Files that stay for their names, and that nobody was told of.
    var untold: [FileLook] { unnamed.filter { !toldUnnamed.contains($0.inode) } }

    /// Takes note that somebody was told of a file that stays for its name.
    mutating func noteTold(_ look: FileLook) { toldUnnamed.insert(look.inode) }

    /// How a file looks now; nil where it is gone.
    func look(at name: String) -> FileLook? { FileLook(path: path + "/" + name) }

    /// Leaves a file where it is until it looks otherwise than when it was found to be of no use.
    mutating func passOver(_ name: String, _ look: FileLook?) { passedOver[name] = look }

    // MARK: Taking away

    /// The name that a file has between its own and none; nobody but the desk uses it.
    private var leaving: String { path + "/.dipnet-taken" }

    /// Removes a file that was copied; another that has got its name meanwhile comes back under a new name.
    ///
    /// - Throws: ``DeskFault/exchange(_:)``.
    func remove(_ name: String, _ look: FileLook) throws(DeskFault) {
        // One that could not be put back, and may be new: it would be lost below the next.
        guard FileLook(path: leaving) == nil else {
            throw .exchange(.system("remove a file from", path, EEXIST))
        }
        guard rename(path + "/" + name, leaving) == 0 else {
            if errno == ENOENT { return }
            throw .exchange(.system("remove a file from", path, errno))
        }
        guard FileLook(path: leaving) == look else { return try putBack() }
        guard unlink(leaving) == 0 else {
            throw .exchange(.system("remove a file from", path, errno))
        }
    }

    /// Gives a file that was being taken away a name again, where there is one: what was copied has no effect twice.
    ///
    /// - Throws: ``DeskFault/exchange(_:)``.
    func putBack() throws(DeskFault) {
        guard let look = FileLook(path: leaving) else { return }
        let name = "again-\(look.inode)-\(look.seconds)-\(look.nanoseconds).xml"
        guard rename(leaving, path + "/" + name) == 0 else {
            throw .exchange(.system("rename a file in", path, errno))
        }
    }

    private static func isTemporary(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~")
            || [".tmp", ".part", ".filepart", ".partial", ".swp"].contains {
                name.lowercased().hasSuffix($0)
            }
    }
}

/// What a file looks like: which it is, and whether it was written to.
struct FileLook: Equatable, Sendable {
    let inode: UInt64
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    init(_ facts: stat) {
        inode = UInt64(facts.st_ino)
        size = Int(facts.st_size)
        seconds = facts.st_mtim.tv_sec
        nanoseconds = facts.st_mtim.tv_nsec
    }

    /// Looks at what has a path; nil where there is nothing.
    init?(path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        self.init(facts)
    }
}
