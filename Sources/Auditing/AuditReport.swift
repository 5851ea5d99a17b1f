import Ledger
import Storage

/// The first thing that is not as it must be.
public struct AuditFinding: Equatable, Sendable, CustomStringConvertible {
    /// The block at which it shows.
    public let height: UInt64
    /// What differs, for a person.
    public let what: String

    /// Names a finding.
    public init(height: UInt64, _ what: String) {
        self.height = height
        self.what = what
    }

    /// Block and difference in one line.
    public var description: String { "block \(height): \(what)" }
}

/// What an audit went through, and what it found.
public struct AuditReport: Equatable, Sendable {
    /// The block whose state it began with; its own execution was not checked unless it is genesis.
    public var start: UInt64 = 0
    /// The last block that was right.
    public var last: UInt64 = 0
    /// Blocks that were executed again.
    public var blocks: UInt64 = 0
    /// Transactions whose signatures were checked and which were executed again.
    public var transactions: UInt64 = 0
    /// Certificates that were checked.
    public var certificates: UInt64 = 0
    /// The last certified block; 0 if none is.
    ///
    /// Its certificate vouches for all blocks before it, since headers name each other.
    public var lastCertified: UInt64 = 0
    /// The height at which the stored state was compared with the executed one, nil if it did not come to
    /// that.
    public var stateHeight: UInt64?
    /// Entries of the state, cells and objects, that were compared.
    public var stateEntries: UInt64 = 0
    /// Checkpoints that were worked out anew and compared.
    public var checkpoints: UInt64 = 0
    /// Blocks kept for ever that were compared.
    public var kept: UInt64 = 0
    /// Whether it was checked that all money and all orders add up, after the last block.
    public var areSumsChecked = false
    /// The first difference, nil if all is right.
    public var finding: AuditFinding?
}

/// How far an audit has come.
public struct AuditProgress: Sendable {
    /// The last block that was executed again.
    public var height: UInt64
    /// The last block there is.
    public var tip: UInt64
    /// Transactions so far.
    public var transactions: UInt64
    /// What is being done.
    public var step: String
}

/// Why an audit could not be made, or not to its end: no word on the ledger.
public enum AuditFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The data cannot be read.
    case store(StoreFault)
    /// It cannot begin where it was asked to.
    case start(String)

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .store(let fault): fault.description
        case .start(let why): why
        }
    }
}
