import Consensus
import Gateway
import Threads

/// Who hands in transactions, and takes turns with the others.
enum Submitter: TurnTaker {
    /// A client's connection.
    case client(RPCCaller)
    /// Another bank's node, with what its clients handed in there.
    case peer(NodeID)

    /// All of a client's connections, or a peer.
    enum Client: Hashable {
        case client(RPCCaller.Client)
        case peer(NodeID)
    }

    var client: Client {
        switch self {
        case .client(let caller): .client(caller.client)
        case .peer(let node): .peer(node)
        }
    }
}
