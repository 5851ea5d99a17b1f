import Glibc

/// Why a file could not be read or written.
public enum FileFault: Error, Equatable, Sendable {
    /// The system refused: what was tried, where, and its error number.
    case system(_ operation: String, _ path: String, Int32)
    /// It is a folder or something else that is no regular file.
    case notAFile(_ path: String)
    /// Others than its owner may read it.
    case notPrivate(_ path: String)
    /// It has more bytes than such a file may have.
    case tooLarge(_ path: String, limit: Int)

    /// The fault in a sentence.
    ///
    /// - Parameter name: what the file is to the reader, as "private key".
    /// - Returns: the sentence, with what would help.
    public func description(of name: String) -> String {
        switch self {
        case .system(let operation, let path, let number):
            "cannot \(operation) the \(name) \(path): \(systemMessage(number))"
        case .notAFile(let path): "the \(name) \(path) is not a file"
        case .notPrivate(let path):
            "the \(name) \(path) can be read by others; run: chmod 600 \(ShellWord.quoted(path))"
        case .tooLarge(let path, let limit): "the \(name) \(path) has more than \(limit) bytes"
        }
    }
}

extension FileFault: CustomStringConvertible {
    /// The fault in a sentence.
    public var description: String { description(of: "file") }
}

extension FileFault {
    /// Whether to try again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch self {
        case .system(_, _, let number): isLastingRefusal(number)
        case .notAFile, .notPrivate, .tooLarge: true
        }
    }

    /// Whether the file that somebody named is not there, or is none that may be read.
    public var isUnreadable: Bool {
        switch self {
        case .system(let operation, _, _): isLasting && ["find", "read"].contains(operation)
        case .notAFile, .notPrivate, .tooLarge: true
        }
    }
}

/// Whether the system refuses the same again until somebody has changed names, rights or mounts.
///
/// - Parameter number: its error number; of others, such as for a full disk, somebody may free what is wanted.
/// - Returns: false where in doubt.
public func isLastingRefusal(_ number: Int32) -> Bool {
    [ENOENT, EACCES, EPERM, EROFS, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG].contains(number)
}

/// The system's words for an error number.
public func systemMessage(_ number: Int32) -> String {
    strerror(number).map { String(cString: $0) } ?? "error \(number)"
}

/// Why a process may not listen where it wants to, with what would help.
///
/// - Parameter number: the system's error number.
/// - Returns: the system's words and ours.
public func refusalToListen(_ number: Int32) -> String {
    let cure: String? =
        switch number {
        case EADDRINUSE: "another process does; stop it, or give another port"
        case EADDRNOTAVAIL: "this machine has no such address"
        case EACCES: "ports below 1024 are for the system's services"
        default: nil
        }
    return systemMessage(number) + (cure.map { " (\($0))" } ?? "")
}
