/// Why a file is no supply chain, or a chain cannot be settled, and where.
public struct ChainFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file's name as the caller gave it.
    public let file: String
    /// The line, from 1; nil where the fault is in no single line.
    public let line: Int?
    /// What is wrong and what would be right.
    public let reason: String

    /// Makes a fault.
    public init(file: String, line: Int? = nil, _ reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    /// `file:line: reason`, as compilers write it.
    public var description: String {
        line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)"
    }
}
