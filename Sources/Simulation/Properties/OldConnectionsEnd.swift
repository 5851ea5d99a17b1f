import Consensus

/// What arrives over a connection after something over its successor does nothing.
///
/// One value a process: it knows the newest connection over which each peer was heard.
struct OldConnectionsEnd {
    private var newest: [NodeID: UInt64] = [:]

    /// A process has handed a message to its driver, and this is what the driver wants done for it.
    mutating func note(
        _ actions: [DriverAction], of connection: UInt64, from peer: NodeID, by process: Process
    ) throws {
        guard connection < newest[peer, default: 0] else {
            newest[peer] = connection
            return
        }
        process.world.properties.counts.late += 1
        guard let action = actions.first else { return }
        throw Finding(
            .oldConnectionsEnd,
            "node \(process.node.id) heard \(peer) over connection \(connection) after "
                + "\(newest[peer, default: 0]), and does something about it: \(action)")
    }
}
