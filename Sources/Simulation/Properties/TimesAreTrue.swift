import Consensus
import Ledger

/// A block's time was at most two seconds ahead on the clock of whoever took it live.
enum TimesAreTrue {
    static func check(
        _ entries: [LogEntry], _ first: LogIndex, above committed: LogIndex, on node: SimulatedNode
    ) throws {
        for (offset, entry) in entries.enumerated() {
            guard first + UInt64(offset) > committed, entry.kind == .command,
                let body = try? Body(decoding: entry.payload)
            else { continue }
            guard body.timeMillis > node.date + 2_000 else { continue }
            throw Finding(
                .timesAreTrue,
                "node \(node.id) took block \(body.height) of \(body.timeMillis) when its clock "
                    + "said \(node.date)")
        }
    }

    /// A block that is executed for the first time has a time that some clock but a liar's has come to.
    ///
    /// However a leader brought its entries to the others, who can only know what it says of them.
    static func check(_ header: Header, on node: SimulatedNode) throws {
        let clocks = node.world.nodes.filter { $0.lie == nil }.map(\.latestDate)
        guard let latest = clocks.max(), header.timeMillis > latest + 2_000 else { return }
        throw Finding(
            .timesAreTrue,
            "node \(node.id) executed block \(header.height) of \(header.timeMillis) when the "
                + "latest clock had come to \(latest)")
    }
}
