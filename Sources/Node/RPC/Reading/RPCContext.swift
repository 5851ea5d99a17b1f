import Execution
import Gateway
import Glibc
import Ledger
import Storage
import Tokens

/// What the methods share: the node, and what was worked out of its blocks.
final class RPCContext: Sendable {
    /// The node.
    let node: Node
    /// What a request may cost.
    let limits: RPCLimits
    /// Receipts' and logs' places in blocks.
    let digests = BlockDigests()
    /// Filters of HTTP clients.
    let filters: FilterRegistry
    /// What goes to WebSocket clients, and the thread that works for those who wait.
    let feeds: Feeds

    init(_ node: Node, _ limits: RPCLimits) {
        self.node = node
        self.limits = limits
        filters = FilterRegistry(limit: limits.filters, wordLimit: limits.filterWords)
        feeds = Feeds(digests: digests, wordLimit: limits.filterWords)
    }

    // MARK: Blocks

    /// A block, nil if there is none; `pending` gives the last executed one.
    func block(_ selector: BlockSelector) throws(RPCError) -> StoredBlock? {
        switch selector {
        case .latest, .pending: node.head
        case .certified: try block(at: node.certifiedHeight)
        case .earliest: try oldest()
        case .height(let height): try block(at: height)
        case .hash(let hash):
            try Self.reading { () throws(StoreFault) in try node.block(hash: hash) }
        }
    }

    /// The oldest block that is kept.
    private func oldest() throws(RPCError) -> StoredBlock? {
        var height = node.oldestHeight
        while true {
            if let block = try block(at: height) { return block }
            // It may have been forgotten meanwhile; then another one is the oldest.
            let now = node.oldestHeight
            guard now > height else { return nil }
            height = now
        }
    }

    /// A block by height, nil if there is none.
    func block(at height: UInt64) throws(RPCError) -> StoredBlock? {
        try Self.reading { () throws(StoreFault) in try node.block(at: height) }
    }

    /// A block that must be there.
    ///
    /// - Throws: -32000 if it is not.
    func existing(_ selector: BlockSelector) throws(RPCError) -> StoredBlock {
        guard let block = try block(selector) else { throw unknown(selector) }
        return block
    }

    /// The error for a block that is not there.
    func unknown(_ selector: BlockSelector) -> RPCError {
        guard case .height(let height) = selector else {
            return RPCError(code: -32000, message: "header not found")
        }
        let oldest = node.oldestHeight
        guard height >= oldest else {
            return RPCError(
                code: -32000,
                message: "block \(height) is not kept here; blocks are kept from \(oldest) on")
        }
        return RPCError(
            code: -32000,
            message: "header not found: block \(height) is not there yet, the last one is "
                + "\(node.head.header.height)")
    }

    /// The error for a block that the store ought to have.
    func missing(_ height: UInt64) -> RPCError {
        .internalError("block \(height) is missing from the store")
    }

    /// The height that a selector means, without reading the block where that is possible.
    ///
    /// - Parameters:
    ///   - selector: the block's name.
    ///   - head: the last block, where the caller has looked already: tags mean none above it.
    /// - Returns: the height, perhaps of a block that is not there.
    /// - Throws: -32000 if there is no block of the hash.
    func height(_ selector: BlockSelector, head: UInt64? = nil) throws(RPCError) -> UInt64 {
        switch selector {
        case .latest, .pending: head ?? node.head.header.height
        case .certified: min(node.certifiedHeight, head ?? .max)
        case .earliest: node.oldestHeight
        case .height(let height): height
        case .hash: try existing(selector).header.height
        }
    }

    /// A block with its receipts' and logs' places.
    func digest(_ block: StoredBlock) throws(RPCError) -> BlockDigest {
        try Self.decoding { () throws(DecodingFault) in try digests.digest(of: block) }
    }

    // MARK: State

    /// Runs `body` with the machine on top of the last executed block; what it read goes if memory is
    /// short.
    func reading<Value, Failure: Error>(
        _ body: (Machine) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try node.withMachine { (machine) throws(Failure) in
            defer { machine.state.trim() }
            return try body(machine)
        }
    }

    /// The time that the next block would have, in seconds.
    var now: UInt64 { node.timeMillis / 1000 }

    // MARK: Faults

    /// Turns a fault of the store into the answer to a request.
    static func reading<Value>(
        _ body: () throws(StoreFault) -> Value
    ) throws(RPCError) -> Value {
        do throws(StoreFault) {
            return try body()
        } catch {
            throw .internalError("the node cannot read its store: \(error)")
        }
    }

    /// Turns damage in stored bytes into the answer to a request.
    static func decoding<Value>(
        _ body: () throws(DecodingFault) -> Value
    ) throws(RPCError) -> Value {
        do throws(DecodingFault) {
            return try body()
        } catch {
            throw .internalError("a stored block is damaged: \(error)")
        }
    }
}
