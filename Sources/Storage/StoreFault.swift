/// Why the data on disk could not be read or written.
///
/// After a failed write the store that threw must not be used again: LevelDB refuses further writes,
/// and what reached the disk is known only after opening it anew.
public struct StoreFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of trouble, for a program that reacts to it.
    public enum Kind: String, Sendable {
        /// Another process, or another part of this one, has the folder open.
        case locked
        /// Bytes on the disk are not what was written.
        case corrupt
        /// No room is left, or less than the reserve.
        case diskFull
        /// The operating system does not let this process, and will not before somebody has changed names, rights
        /// or mounts.
        case denied
        /// Any other refusal by the operating system.
        case inputOutput
        /// The folder belongs to another ledger.
        case foreign
        /// The folder was written by a program that knows a format which this one does not.
        case unsupported
        /// It was written by an older program in a format that this one does not read.
        case outdated
        /// Something else is stored already where this is to be stored.
        case conflict
        /// The folder that is to be made or filled has something in it.
        case occupied
    }

    /// What kind of trouble.
    public let kind: Kind
    /// What was being done, as in "open" or "write a batch to".
    public let operation: String
    /// The folder or file concerned.
    public let path: String
    /// What the library or the system said, or what was found instead of what was expected.
    public let message: String

    /// Describes a fault.
    public init(_ kind: Kind, operation: String, path: String, message: String) {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.message = message
    }

    /// What a person can do about it, one sentence or two.
    public var advice: String {
        switch kind {
        case .locked:
            "Stop the other node that uses this folder, or give this one a folder of its own."
        case .corrupt:
            "Nothing was changed. Move the folder away and let the node rebuild it from its log or "
                + "its peers, or restore a backup; then check the disk and the memory."
        case .diskFull:
            "Make room on this disk, then start again: everything acknowledged is safe."
        case .denied:
            "Look whether it is there, and give the folder to the user that the node runs as, on a "
                + "file system that it may write."
        case .inputOutput: "Check the disk and the limits of the process, then start again."
        case .foreign:
            "Give the genesis file that this folder was made with, or another folder."
        case .unsupported:
            "Use the version of the program that wrote this folder, or a newer one."
        case .outdated:
            "Make a new one with this version of the program, of this node or another bank's, or restore "
                + "this one with the version that made it."
        case .conflict:
            "Two different results stand for the same thing. Keep the folder for an inquiry and "
                + "compare this node with its peers."
        case .occupied: "Name another folder: what is there stays as it is."
        }
    }

    /// Whether to start again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch kind {
        case .corrupt, .denied, .foreign, .unsupported, .outdated, .conflict, .occupied: true
        case .locked, .diskFull, .inputOutput: false
        }
    }

    /// Operation, path, reason and advice in one line.
    public var description: String { "cannot \(operation) \(path): \(message). \(advice)" }
}

extension StoreFault {
    /// Sorts a message of LevelDB's into its kind; its C interface gives nothing but text.
    init(leveldb message: String, operation: String, path: String) {
        let kind: Kind
        var said = message
        if message.hasPrefix("Corruption:") {
            kind = .corrupt
        } else if message.hasPrefix("IO error: lock ") {
            kind = .locked
            said = "another process, or this one already, has it open (\(message))"
        } else if message.contains("No space left on device")
            || message.contains("Disk quota exceeded")
        {
            kind = .diskFull
        } else if message.hasSuffix(": Permission denied")
            || message.hasSuffix(": Read-only file system")
        {
            kind = .denied
        } else if message.contains("missing files")
            || message.hasPrefix("Invalid argument:")
        {
            // Among others a missing CURRENT file, or tables sorted by another order than ours.
            kind = .corrupt
        } else {
            kind = .inputOutput
        }
        self.init(kind, operation: operation, path: path, message: said)
    }
}
