import Execution
import Ledger
import Replica
import Storage

/// The newest stored blocks, from the first one on that lacks its certificate.
///
/// Certificates go to the disk when they come. So those of the last blocks may be missing after a stop, on
/// this node or on all of them, although the blocks are stored, executed and never replayed.
struct Uncertified {
    /// The heights; always with the last one, what was signed of which may not have reached the others.
    let heights: ClosedRange<UInt64>
    private let certified: Set<UInt64>
    private let history: HistoryStore
    /// Looks for them.
    ///
    /// - Returns: nil if nothing but block 0 is stored, which nobody signs.
    init?(_ history: HistoryStore, head: UInt64) throws(StoreFault) {
        guard head > 0 else { return nil }
        let oldest = max(history.first ?? 0, 1, head - min(head, Certifier.heightsKept - 1))
        var first = head
        var certified: Set<UInt64> = []
        for height in stride(from: head, through: oldest, by: -1) {
            if try history.certificate(at: height) == nil {
                first = height
            } else {
                certified.insert(height)
            }
        }
        heights = first...head
        self.certified = certified
        self.history = history
    }

    /// Has their certificates gathered.
    func resume(_ certification: Certification, _ chain: Chain) throws(StoreFault) {
        var signers = Signers(chain, history)
        let changes = Set(chain.withMachine { $0.governance.bankChanges })
        for height in heights {
            guard let block = try chain.block(at: height) else { continue }
            let set = try signers.set(of: block.header)
            let certificate = try history.certificate(at: height).flatMap {
                try? Certificate(decoding: $0)
            }
            // Whose signatures would count is not known of a block from before a checkpoint.
            certification.resumed(
                block, signedBy: set ?? signers.current,
                isCertified: certified.contains(height) || set == nil, certificate: certificate,
                isSampled: chain.withMachine { $0.economy.isSampled(height) },
                isNeeded: changes.contains(height) || chain.genesis.isOfCheckpoint(height))
        }
    }
}

/// The banks that sign a block, found by the hash in its header.
private struct Signers {
    let current: BankSet
    private let history: HistoryStore
    private var known: [Hash32: BankSet]
    /// The heights whose changes are not in ``known`` yet.
    private var changes: [UInt64]

    init(_ chain: Chain, _ history: HistoryStore) {
        self.history = history
        (current, changes) = chain.withMachine { ($0.bankSet, $0.governance.bankChanges) }
        let founders = chain.genesis.bankSet
        known = [current.hash: current]
        known[founders.hash] = founders
    }

    mutating func set(of header: Header) throws(StoreFault) -> BankSet? {
        while known[header.banks] == nil, let height = changes.popLast() {
            guard let bytes = try history.keptOrStored(at: height)?.bytes,
                let changes = try? StoredBlock(decoding: bytes).changes(),
                let change = changes.objects.first(where: { $0.key == GovernanceKey.banks }),
                let set = change.value.flatMap({ try? BankSet(decoding: $0) })
            else { continue }
            known[set.hash] = set
        }
        return known[header.banks]
    }
}
