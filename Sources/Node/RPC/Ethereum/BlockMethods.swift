import Execution
import Gateway
import JSON
import Ledger

/// Blocks, how much is in them, and their receipts.
extension RPCMethods {
    mutating func addBlocks(_ context: RPCContext) {
        offloaded("eth_getBlockByNumber") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let selector = try params.block(0, "block")
            let full = try params.bool(1, "full", absent: false)
            if selector == .pending { return context.writePending(full: full, to: &writer) }
            try context.writeBlock(selector, full: full, to: &writer)
        }
        offloaded("eth_getBlockByHash") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let hash = try params.hash(0, "hash")
            let full = try params.bool(1, "full", absent: false)
            try context.writeBlock(.hash(hash), full: full, to: &writer)
        }
        offloaded("eth_getBlockReceipts") { (request, writer) throws(RPCError) in
            let selector = try request.params().block(0)
            // What waits in the pool has no receipts.
            if selector == .pending { return writer.null() }
            try context.writeReceipts(selector, to: &writer)
        }
        addCounts(context)
    }

    private mutating func addCounts(_ context: RPCContext) {
        let node = context.node
        offloaded("eth_getBlockTransactionCountByNumber") { (request, writer) throws(RPCError) in
            let selector = try request.params().block(0)
            if selector == .pending {
                return writer.quantity(
                    node.pendingTransactions(limit: RPCContext.pendingLimit).count)
            }
            try context.writeCount(selector, to: &writer)
        }
        offloaded("eth_getBlockTransactionCountByHash") { (request, writer) throws(RPCError) in
            try context.writeCount(.hash(try request.params().hash(0, "hash")), to: &writer)
        }
        for (name, byHash) in [
            ("eth_getUncleCountByBlockNumber", false), ("eth_getUncleCountByBlockHash", true),
        ] {
            offloaded(name) { (request, writer) throws(RPCError) in
                let params = try request.params()
                let selector =
                    byHash
                    ? BlockSelector.hash(try params.hash(0, "hash")) : try params.block(0)
                guard try context.block(selector) != nil else { return writer.null() }
                writer.quantity(0 as UInt64)
            }
        }
        for name in ["eth_getUncleByBlockNumberAndIndex", "eth_getUncleByBlockHashAndIndex"] {
            value(name) { _ in nil }
        }
    }
}

extension RPCContext {
    /// How many transactions of the pool the pending block shows.
    static let pendingLimit = 1_000

    fileprivate func writeBlock(
        _ selector: BlockSelector, full: Bool, to writer: inout JSONWriter
    ) throws(RPCError) {
        guard let block = try block(selector) else { return writer.null() }
        let digest = try digest(block)
        try Self.decoding { () throws(DecodingFault) in
            try BlockObject(digest: digest, chainID: node.genesis.chainID).write(
                full: full, to: &writer)
        }
    }

    fileprivate func writePending(full: Bool, to writer: inout JSONWriter) {
        let head = node.head
        BlockObject.writePending(
            on: head.header, parent: head.hash, timeMillis: node.timeMillis,
            gasPrice: node.rules.gasPrice,
            transactions: node.pendingTransactions(limit: Self.pendingLimit), full: full,
            to: &writer)
    }

    fileprivate func writeReceipts(
        _ selector: BlockSelector, to writer: inout JSONWriter
    ) throws(RPCError) {
        guard let block = try block(selector) else { return writer.null() }
        let digest = try digest(block)
        try Self.decoding { () throws(DecodingFault) in
            try writer.array { (writer) throws(DecodingFault) in
                for index in 0...digest.systemIndex {
                    let receipt = ReceiptObject(digest: digest, index: index)
                    if try receipt.exists { try receipt.write(to: &writer) }
                }
            }
        }
    }

    fileprivate func writeCount(
        _ selector: BlockSelector, to writer: inout JSONWriter
    ) throws(RPCError) {
        guard let block = try block(selector) else { return writer.null() }
        let count = try Self.decoding { () throws(DecodingFault) in
            var count = 0
            for index in block.transactions.indices {
                if try block.record(index).outcome != .skipped { count += 1 }
            }
            return count
        }
        writer.quantity(count)
    }
}
