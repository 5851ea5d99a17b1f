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
}
