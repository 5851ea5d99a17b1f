import Execution
import Ledger
import Storage
import Threads

/// The executed ledger: the machine, and the blocks behind it.
///
/// The machine is used by one thread at a time: the executor while a block runs, readers in between.
final class Chain: Sendable {
    /// What is asked for often, and by those who must not wait: as of the last executed block.
    struct Overview: Sendable {
        /// The banks of the consortium.
        let set: BankSet
        /// The rules in force.
        let rules: Rules
        /// Cells of state in memory.
        let cellCount: Int

        fileprivate init(_ machine: Machine) {
            set = machine.bankSet
            rules = machine.rules
            cellCount = machine.state.cellCount
        }
    }

    let genesis: Genesis
    private let machine: Locked<Machine>
    private let overviewed: Locked<Overview>
    private let recent: RecentBlocks
    private let history: HistoryStore

    init(machine: Machine, head: StoredBlock, history: HistoryStore) {
        genesis = machine.genesis
        self.machine = Locked(machine)
        overviewed = Locked(Overview(machine))
        self.history = history
        recent = RecentBlocks(head: head)
    }

    /// Runs `body` with the machine on top of the last executed block; waits while a block is executed.
    func withMachine<Result, Failure: Error>(
        _ body: (Machine) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try machine.with { (machine) throws(Failure) in try body(machine) }
    }

    /// Runs `body` with the machine, unless a block is executed or read from: then it gives nil at once.
    func tryMachine<Result>(_ body: (Machine) -> Result) -> Result? {
        machine.tryWith { machine in body(machine) }
    }

    /// Runs `body`, which executes a block; afterwards the ``overview`` is as it left the machine.
    func execute<Result>(_ body: (Machine) -> Result) -> Result {
        machine.with { machine in
            let result = body(machine)
            overviewed.with { $0 = Overview(machine) }
            return result
        }
    }

    /// What can be told without waiting for the block that is being executed.
    var overview: Overview { overviewed.with { $0 } }

    /// The last block whose results are published.
    var head: StoredBlock { recent.head }

    /// Makes an executed block visible.
    func publish(_ block: StoredBlock, transactions: [Hash32]) {
        recent.append(block, transactions: transactions)
    }

    /// Says that the history store has everything up to a height.
    func archived(upTo height: UInt64) { recent.trim(archivedUpTo: height) }

    /// A block by height, nil above the head and below what is kept.
    func block(at height: UInt64) throws(StoreFault) -> StoredBlock? {
        // Memory may still hold what was pruned.
        guard height <= head.header.height, height >= history.first ?? 0 else { return nil }
        if let block = recent.block(at: height) { return block }
        return try stored(at: height)
    }

    /// A block by its hash.
    func block(hash: Hash32) throws(StoreFault) -> StoredBlock? {
        if let block = recent.block(hash: hash) { return block }
        guard let height = try history.height(ofBlock: hash),
            let block = try block(at: height), block.hash == hash
        else { return nil }
        return block
    }

    /// Whether one of the last blocks, which are in memory, has executed a transaction.
    func hasRecently(executed hash: Hash32) -> Bool { recent.locate(hash) != nil }

    /// As ``locate(_:)``, but only in the last blocks, which are in memory.
    func locateRecent(_ hash: Hash32) -> (block: StoredBlock, index: Int)? {
        guard let place = recent.locate(hash), let block = recent.block(at: place.height) else {
            return nil
        }
        return (block, place.index)
    }

    /// The block of a transaction and its place there; skipped ones are not found.
    func locate(_ hash: Hash32) throws(StoreFault) -> (block: StoredBlock, index: Int)? {
        var reads = 0
        return try locate(hash, reads: &reads)
    }

    /// As ``locate(_:)``, adding to `reads` how many blocks were looked at that may have come from the disk.
    func locate(
        _ hash: Hash32, reads: inout Int
    ) throws(StoreFault) -> (block: StoredBlock, index: Int)? {
        if let found = locateRecent(hash), found.block.header.height >= history.first ?? 0 {
            return found
        }
        var found: (block: StoredBlock, index: Int)?
        _ = try history.locate(transaction: hash) { place throws(StoreFault) in
            reads += 1
            guard let block = try block(at: place.height), place.index < block.transactions.count,
                Keccak256.hash(block.transaction(place.index)) == hash,
                let record = try? block.record(place.index), record.outcome != .skipped
            else { return false }
            found = (block, place.index)
            return true
        }
        return found
    }

    /// Heights of blocks that may hold logs which match, ascending, at most so many.
    ///
    /// Blocks that are published and not archived yet are all among them.
    func heights(
        matching items: [[UInt64]], in range: ClosedRange<UInt64>, limit: Int
    ) throws(StoreFault) -> [UInt64] {
        let head = head.header.height
        guard range.lowerBound <= head else { return [] }
        let high = min(range.upperBound, head)
        // Archiving goes on meanwhile: the store is asked for nothing above what it had when this began, or the
        // blocks that it got since would be named by both.
        let archived = history.tip ?? 0
        var heights: [UInt64] = []
        if range.lowerBound <= min(high, archived) {
            heights = try history.blocks(
                matching: items, in: range.lowerBound...min(high, archived), limit: limit)
        }
        let first = max(archived + 1, range.lowerBound)
        if first <= high { heights += Array((first...high).prefix(max(limit - heights.count, 0))) }
        return heights
    }

    private func stored(at height: UInt64) throws(StoreFault) -> StoredBlock? {
        guard let bytes = try history.block(at: height) else { return nil }
        do {
            return try StoredBlock(decoding: bytes)
        } catch {
            throw StoreFault(
                .corrupt, operation: "read block \(height) from", path: "history",
                message: error.description)
        }
    }
}
