/// Why the desk cannot go on, for the person who runs it.
public enum DeskFault: Error, Hashable, Sendable {
    /// Another desk works in the folder.
    case folderInUse(path: String)
}

extension DeskFault: CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .folderInUse(let path):
            "another desk works in \(path): stop that one first"
        }
    }
}
