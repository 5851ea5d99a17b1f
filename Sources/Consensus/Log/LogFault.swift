import Files
import Glibc

/// Why the log could not be opened, written or read; the node must not go on.
public struct LogFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: Equatable, Sendable {
        /// The disk or the quota is full.
        case noSpace
        /// The device or the file system failed.
        case inputOutput
        /// Bytes that were durable are not what was written; says what is wrong with them.
        case corrupt(String)
        /// Another process has the folder.
        case locked(byProcess: Int32?)
        /// The folder belongs to another ledger or another node.
        case foreign(String)
        /// The files were written by a version that this one does not know.
        case unknownVersion(UInt32)
        /// The entry was dropped after a snapshot, or was never there.
        case noSuchEntry(LogIndex)
    }

    /// What went wrong.
    public let kind: Kind
    /// The file or folder concerned.
    public let file: String
    /// Where in the file, in bytes, if known.
    public let offset: Int?
    /// The system's error number; 0 if the system did not complain.
    public let errno: Int32
    /// What was being done, by the name of the system's function where it was one.
    public let operation: String

    /// Makes a fault.
    public init(
        _ kind: Kind, file: String, offset: Int? = nil, errno: Int32 = 0, operation: String
    ) {
        self.kind = kind
        self.file = file
        self.offset = offset
        self.errno = errno
        self.operation = operation
    }

    /// Makes a fault from the system's error number.
    public init(errno: Int32, file: String, offset: Int? = nil, operation: String) {
        let kind: Kind = errno == ENOSPC || errno == EDQUOT ? .noSpace : .inputOutput
        self.init(kind, file: file, offset: offset, errno: errno, operation: operation)
    }

    /// Whether to start again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch kind {
        case .corrupt, .foreign, .unknownVersion, .noSuchEntry: true
        case .inputOutput: isLastingRefusal(errno)
        case .noSpace, .locked: false
        }
    }

    /// What happened, where, and what to do, in one line.
    public var description: String {
        let place = offset.map { "\(file) at byte \($0)" } ?? file
        let system = errno == 0 ? "" : " (\(String(cString: strerror(errno))), errno \(errno))"
        return "raft log: \(operation) of \(place): \(complaint)\(system). \(advice)"
    }

    private var complaint: String {
        switch kind {
        case .noSpace: "no space left"
        case .inputOutput: "the file system failed"
        case .corrupt(let what): what
        case .locked(let pid): "in use by \(pid.map { "process \($0)" } ?? "another process")"
        case .foreign(let what): what
        case .unknownVersion(let version): "written in format \(version), which is not known here"
        case .noSuchEntry(let index): "entry \(index) is not in the log"
        }
    }

    private var advice: String {
        switch kind {
        case .noSpace:
            "Nothing acknowledged is lost: free space on this disk and start the node again."
        case .inputOutput:
            "Check the disk and the folder's rights; the node stopped so as not to guess."
        case .corrupt:
            "Keep the folder for inspection and restore this node from a backup or from its peers."
        case .locked: "Stop the other node, or give this one a folder of its own."
        case .foreign: "Use the folder that belongs to this ledger and node."
        case .unknownVersion: "Use the version of the program that wrote it, or a later one."
        case .noSuchEntry: "The application must restore a snapshot at or after that entry."
        }
    }
}
