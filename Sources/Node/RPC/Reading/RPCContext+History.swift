import Execution
import Gateway
import Glibc
import JSON
import Ledger
import Tokens

/// Balances and nonces at any height, by the chain that each cell's writes make through the blocks.
extension RPCContext {
    /// A cell as it was after a block; `pending` is taken for the last executed one.
    func cell(
        _ key: CellKey, _ selector: BlockSelector, from start: UInt64? = nil
    ) throws(RPCError) -> Cell {
        switch selector {
        case .latest, .pending: return reading { $0.state.peek(key) }
        default:
            let block = try existing(selector)
            return try cell(key, asOf: block.header.height, from: start)
        }
    }

    /// A cell as it was after the block of a height.
    ///
    /// - Parameters:
    ///   - key: which cell.
    ///   - height: the block.
    ///   - start: a later block that wrote the cell, from which to walk; the last one that did where nil.
    /// - Returns: the cell.
    /// - Throws: −32005 where it is too far from there, with the block to go on from as `next`; −32602 where
    ///   `start` did not write the cell.
    func cell(
        _ key: CellKey, asOf height: UInt64, from start: UInt64? = nil
    ) throws(RPCError) -> Cell {
        let newest = reading { $0.state.peek(key) }
        var walk = CellWalk(key, newest)
        if let start, start < walk.height, start > height {
            guard let change = try published(at: start).change(of: key) else {
                throw .invalidParams("from: nothing changed in block \(start)")
            }
            walk = CellWalk(key, change.cell)
        }
        var steps = 0
        while walk.height > height {
            steps += 1
            guard steps <= limits.walkBlocks, walk.bytes < limits.walkBytes else {
                let why =
                    steps > limits.walkBlocks
                    ? "\(key.address) changed in more than \(limits.walkBlocks) blocks since block "
                        + "\(height)"
                    : "too much has to be read to come to block \(height)"
                var error = RPCError.limitExceeded(
                    why + "; ask for a block nearer to the last one, or dip_balanceAt "
                        + "once more from block \(walk.height)")
                error.data = ["next": .integer(walk.height)]
                throw error
            }
            try walk.step(self)
        }
        return walk.cell
    }

    /// A block that the state says was executed, waiting for it to be published if need be.
    func published(at height: UInt64) throws(RPCError) -> StoredBlock {
        // The state is ahead of the published blocks for the moment in which a block is encoded.
        for _ in 0..<2_000 {
            // First: a block that is published between the two looks must not be taken for one that is missing.
            let head = node.head.header.height
            if let block = try block(at: height) { return block }
            guard height > head else { break }
            usleep(500)
        }
        guard height < node.oldestHeight else { throw missing(height) }
        throw RPCError(
            code: -32000,
            message: "the state before block \(node.oldestHeight) is not kept here")
    }
}

/// Walks through the values that a cell had, newest first.
struct CellWalk {
    /// Which cell.
    let key: CellKey
    /// Its value after the block of ``height``.
    private(set) var cell: Cell
    /// The bytes of the blocks that it has read.
    private(set) var bytes = 0
    /// The block that wrote the value; 0 also if none did.
    var height: UInt64 { cell.touched }

    /// Starts at a value that the cell has, or had after the block that it names.
    init(_ key: CellKey, _ cell: Cell) {
        self.key = key
        self.cell = cell
    }

    /// Goes to the value before; at genesis it stays.
    /// - Returns: the block that wrote the value which was left.
    @discardableResult
    mutating func step(_ context: RPCContext) throws(RPCError) -> StoredBlock {
        let block = try context.published(at: height)
        bytes += block.bytes.count
        guard height > 0 else { return block }
        guard let change = block.change(of: key) else {
            throw .internalError("block \(height) does not have a change that it made")
        }
        let earlier = try context.published(at: change.previous)
        bytes += earlier.bytes.count
        cell = earlier.change(of: key)?.cell ?? Cell()
        return block
    }
}
