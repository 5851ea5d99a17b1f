import Consensus
import Ledger

/// A node with another header than the certified stops serving, and two votes of one bank are kept.
///
/// One value a process: it knows what that process has heard.
struct LiarsAreFound {
    private let first: UInt64
    private var votes: [UInt64: [(bank: NodeID, header: Hash32)]] = [:]
    /// Who signed two headers, and of which height, as far as it was not looked for the evidence yet.
    private var convicted: [(bank: NodeID, height: UInt64)] = []

    /// For a process that begins on top of a height.
    init(from height: UInt64) { first = height + 1 }

    /// A process has heard a vote and done what it does about it.
    ///
    /// Whose key is a bank's is known of blocks that are executed; until then votes wait.
    mutating func note(_ vote: HeaderVote, of bank: NodeID, by process: Process) throws {
        guard process.haltedBecause == nil else { return }
        if vote.height >= first, process.world.node(bank)?.lie != nil {
            let known = votes[vote.height, default: []].filter { $0.bank == bank }
            if !known.contains(where: { $0.header == vote.header }) {
                votes[vote.height, default: []].append((bank, vote.header))
                if known.count == 1 { convicted.append((bank, vote.height)) }
            }
        }
        let head = process.head.header.height
        for (bank, height) in convicted where height <= head {
            let isKept = process.node.disk.evidence.contains {
                $0.bank == bank.rawValue && $0.height == height
            }
            guard !isKept else { continue }
            throw Finding(
                .liarsAreFound,
                "node \(process.node.id) heard two votes of bank \(bank) at \(height) and kept no "
                    + "evidence")
        }
        convicted.removeAll { $0.height <= head }
    }

    /// The run is over.
    static func check(_ world: World, _ headers: SameHeaders, _ certified: [UInt64: Hash32]) throws
    {
        for node in world.nodes {
            guard let process = node.process, process.haltedBecause == nil else { continue }
            for (height, hash) in certified.sorted(by: { $0.key < $1.key })
            where height <= process.head.header.height {
                guard let own = try process.block(at: height), own.hash != hash else { continue }
                throw Finding(
                    .liarsAreFound,
                    "node \(node.id) serves with another block \(height) than the certified")
            }
        }
    }
}
