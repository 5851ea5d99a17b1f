/// Why a node cannot start, or stops.
public enum NodeFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The genesis says something that cannot be.
    case genesis(String)
    /// The data folder or a store refuses.
    case store(String)
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
        case .genesis, .configuration: true
        case .store, .disk, .log, .badBody, .door: false
        }
    }

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .genesis(let why): "genesis: \(why)"
        case .store(let why), .disk(let why), .log(let why), .configuration(let why),
            .door(let why):
            why
        case .badBody(let why):
            "an ordered block cannot be executed: \(why). The node stops; its data is kept for inspection"
        }
    }
}
