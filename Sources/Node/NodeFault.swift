import Consensus
import Storage

/// Why a node cannot start, or stops.
public enum NodeFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The genesis says something that cannot be.
    case genesis(String)
    /// The data folder or a store refuses.
    case store(String)
    /// What is on the disk is damaged, another's or closed to this process: a person has to look at it.
    case data(String)
    /// The disk has less room than the reserve.
    case disk(String)
    /// The log refuses.
    case log(String)
    /// What was ordered cannot be executed: this program and the ledger's others disagree.
    case badBody(String)
    /// The configuration asks for something that is not allowed.
    case configuration(String)
    /// A door cannot be opened, as where another process has its address.
    case door(String)

    /// Whether to start again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch self {
        case .genesis, .configuration, .data, .badBody: true
        case .store, .disk, .log, .door: false
        }
    }

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .genesis(let why): "genesis: \(why)"
        case .store(let why), .data(let why), .disk(let why), .log(let why),
            .configuration(let why), .door(let why):
            why
        case .badBody(let why):
            "an ordered block cannot be executed: \(why). The node stops; its data is kept for inspection"
        }
    }
}

extension NodeFault {
    /// What a store says, told by whether a person has to look.
    init(_ fault: StoreFault) {
        self = fault.isLasting ? .data(fault.description) : .store(fault.description)
    }

    /// What the log says, told by whether a person has to look.
    init(_ fault: ConsensusFault) {
        self = fault.isLasting ? .data(fault.description) : .log(fault.description)
    }
}
