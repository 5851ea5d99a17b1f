import Gateway
import JSON
import Ledger
import Storage

/// A log with its place.
struct FoundLog {
    /// Its block.
    let block: StoredBlock
    /// The record that it follows from; the one after the last transaction's is the block's own.
    let index: Int
    /// Its index in the block.
    let logIndex: Int
    /// The log.
    let log: Log

    /// The hash that its receipt is known by.
    var transactionHash: Hash32 {
        isSystem ? block.hash : Keccak256.hash(block.transaction(index))
    }

    /// Whether it follows from what the block did itself.
    var isSystem: Bool { index == block.transactions.count }

    /// Writes the log as Ethereum tools read it.
    func write(to writer: inout JSONWriter) {
        var place = LogPlace(
            block: block, index: index, hash: transactionHash, logIndex: logIndex)
        place.writeNext(log, to: &writer)
    }
}

/// Walks through the logs of blocks that a filter lets through, in order.
struct LogQuery {
    let context: RPCContext
    let filter: LogFilter

    /// All logs of a range of heights.
    ///
    /// The first block is always given whole: a smaller range than one block cannot be asked for.
    ///
    /// - Throws: -32005 where there are more than the limits allow, with a range that fits.
    func all(in range: ClosedRange<UInt64>) throws(RPCError) -> [FoundLog] {
        var found: [FoundLog] = []
        let stopped = try visit(range) { log in
            found.append(log)
            return found.count <= context.limits.logs
                || log.block.header.height == range.lowerBound
        }
        guard let stopped else { return found }
        let why =
            found.count > context.limits.logs
            ? "the range has more than \(context.limits.logs) such logs"
            : "too much has to be read for this range"
        throw .limitExceeded("\(why): ask for blocks \(range.lowerBound) to \(stopped - 1) first")
    }

    /// Calls `body` with each log of a range until it answers false or enough was read.
    ///
    /// Heights above the last block are passed over. The answer is the height of the block in which it
    /// stopped, or of the first that was not read any more; nil if it came to the end.
    ///
    /// - Throws: -32000 where a block of the range is not kept: whoever gets logs gets all of them.
    func visit(
        _ range: ClosedRange<UInt64>, _ body: (FoundLog) -> Bool
    ) throws(RPCError) -> UInt64? {
        let heights = try RPCContext.reading { () throws(StoreFault) in
            try context.node.heights(matching: filter.items, in: range)
        }
        // Now, since the index gives nothing of blocks that were forgotten while it was asked.
        guard range.lowerBound >= context.node.oldestHeight else {
            throw context.unknown(.height(range.lowerBound))
        }
        var bytes = 0
        for height in heights {
            guard bytes < context.limits.logBytes else { return height }
            guard let block = try context.block(at: height) else {
                throw height < context.node.oldestHeight
                    ? context.unknown(.height(height)) : context.missing(height)
            }
            bytes += block.bytes.count
            let goesOn = try RPCContext.decoding { () throws(DecodingFault) in
                try visit(block, body)
            }
            if !goesOn { return height }
        }
        return nil
    }

    /// Calls `body` with each log of a block until it answers false.
    ///
    /// - Returns: whether it never did.
    func visit(
        _ block: StoredBlock, _ body: (FoundLog) -> Bool
    ) throws(DecodingFault) -> Bool {
        var logIndex = 0
        var unwanted: Set<UInt64> = []
        for index in 0...block.transactions.count {
            for (tag, payload) in EffectReader(try block.record(index).effects) {
                let family = EffectLogs.family(tag: tag, payload: payload)
                if let family, unwanted.contains(family) {
                    logIndex += EffectLogs.count(tag: tag, payload: payload)
                    continue
                }
                let logs = EffectLogs.logs(tag: tag, payload: payload)
                if let family, !logs.contains(where: filter.mayMatch) { unwanted.insert(family) }
                for log in logs {
                    if filter.matches(log) {
                        let found = FoundLog(
                            block: block, index: index, logIndex: logIndex, log: log)
                        guard body(found) else { return false }
                    }
                    logIndex += 1
                }
            }
        }
        return true
    }
}
