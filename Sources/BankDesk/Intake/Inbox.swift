import Files
import Glibc

/// A folder into which the bank puts files.
///
/// A file is taken when it looked the same twice, or was not changed for some seconds: a bank that writes under a
/// name with a dot in front and renames loses nothing, and one that writes slowly is waited for.
struct Inbox: Sendable {
    /// What a file looked like.
    private struct Look: Equatable {
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
    }

    let path: String
    private var looks: [String: Look] = [:]
    /// Files that were looked at in vain, so that each is told of once.
    private var passedOver: [String: Look] = [:]

    /// How long an untouched file needs no second look.
    private static let settledSeconds = 5
    /// The most files that are looked at together.
    private static let most = 10_000

    init(_ path: String) { self.path = path }

    /// Whether a file is being waited for.
    var isWaiting: Bool { !looks.isEmpty }

    /// Looks for files that are complete.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: their names, in order.
    /// - Throws: ``DeskFault/file(_:)`` where the folder cannot be read.
    mutating func complete(now: UInt64) throws(DeskFault) -> [String] {
        guard let directory = opendir(path) else {
            throw DeskFault(.system("read the folder", path, errno))
        }
        defer { closedir(directory) }
        var seen: [String: Look] = [:]
        var complete: [String] = []
        while complete.count < Self.most, seen.count < Self.most, let found = readdir(directory) {
            let name = withUnsafeBytes(of: found.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // What is no UTF-8 cannot be named again; such a file stays, and the bank sees it.
            guard let name, !Self.isTemporary(name) else { continue }
            var facts = stat()
            guard lstat(path + "/" + name, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
                continue
            }
            let look = Look(facts)
            guard passedOver[name] != look else { continue }
            let isOld = look.seconds + Self.settledSeconds <= Int(clamping: now)
            if isOld || looks[name] == look { complete.append(name) } else { seen[name] = look }
        }
        looks = seen
        return complete.sorted()
    }

    /// Leaves a file where it is until it changes.
    mutating func passOver(_ name: String) {
        var facts = stat()
        guard lstat(path + "/" + name, &facts) == 0 else { return }
        passedOver[name] = Look(facts)
    }

    private static func isTemporary(_ name: String) -> Bool {
        name.hasPrefix(".") || name.hasSuffix("~")
            || [".tmp", ".part", ".filepart", ".partial", ".swp"].contains {
                name.lowercased().hasSuffix($0)
            }
    }
}
