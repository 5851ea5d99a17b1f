import JSON
import Ledger

/// Receipts and logs as Ethereum tools read them.
struct ReceiptObject {
    /// The block.
    let digest: BlockDigest
    /// The record's place there; the index after the last stands for what the block did itself.
    let index: Int

    /// Whether there is a receipt: not of skipped transactions, nor of a block that did nothing itself.
    var exists: Bool {
        get throws(DecodingFault) {
            guard index < digest.systemIndex else { return !digest.logs(index).isEmpty }
            return try digest.record(index).outcome != .skipped
        }
    }

    /// Writes the receipt; an extended one also has what the call returned, and what the catalogue says
    /// of its refusal.
    func write(extended: Bool = false, to writer: inout JSONWriter) throws(DecodingFault) {
        let record = try digest.record(index)
        let header = digest.block.header
        let hash = digest.hash(index)
        let logs = EffectLogs.logs(of: record.effects)
        let isSystem = index == digest.systemIndex
        let transaction =
            isSystem ? nil : try Transaction.decode(digest.block.transaction(index))
        let sender = try digest.sender(index)
        writer.object { writer in
            writer.member("transactionHash", hash: hash)
            writer.member("transactionIndex", quantity: UInt64(index))
            writer.member("blockHash", hash: digest.block.hash)
            writer.member("blockNumber", quantity: header.height)
            writer.member("type", quantity: UInt64(transaction?.kind.rawValue ?? 0))
            writer.member("status", quantity: record.outcome == .done ? 1 : 0 as UInt64)
            writer.member("from", address: sender)
            writer.member("to", address: isSystem ? .orders : transaction?.to)
            writer.member("contractAddress", address: nil)
            writer.member("gasUsed", quantity: record.gasUsed)
            writer.member("cumulativeGasUsed", quantity: digest.cumulativeGas(index))
            writer.member("effectiveGasPrice", quantity: isSystem ? 0 : header.gasPrice)
            if let payer = record.feePayer { writer.member("feePayer", address: payer) }
            if record.outcome == .refused { writer.member("revertReason", data: record.output) }
            if extended { writeEnd(record, to: &writer) }
            writer.member("logsBloom", data: LogBloom(logs).bytes)
            writer.key("logs")
            var place = LogPlace(
                block: digest.block, index: index, hash: hash,
                logIndex: digest.logs(index).lowerBound)
            writer.array(of: logs) { writer, log in place.writeNext(log, to: &writer) }
        }
    }

    private func writeEnd(_ record: Record, to writer: inout JSONWriter) {
        guard record.outcome == .refused else {
            return writer.member("output", data: record.output)
        }
        writer.member("refusal", value: Refusal(Array(record.output)).json)
    }
}

/// Where the next log of a record stands.
struct LogPlace {
    private let block: StoredBlock
    private let isSystem: Bool
    private let index: Int
    private let hash: Hash32
    /// The index in the block of the log that is written next.
    var logIndex: Int

    /// Starts at a log.
    ///
    /// - Parameters:
    ///   - block: its block.
    ///   - index: its record's place there; the one after the last transaction's is the block's own.
    ///   - hash: the hash that its receipt is known by.
    ///   - logIndex: its index in the block.
    init(block: StoredBlock, index: Int, hash: Hash32, logIndex: Int) {
        self.block = block
        isSystem = index == block.transactions.count
        self.index = index
        self.hash = hash
        self.logIndex = logIndex
    }

    /// Writes a log and goes on to the next place.
    mutating func writeNext(_ log: Log, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("address", address: log.address)
            writer.key("topics")
            writer.array(of: log.topics) { $0.hash($1) }
            writer.member("data", data: log.data)
            writer.member("blockNumber", quantity: block.header.height)
            writer.member("blockHash", hash: block.hash)
            writer.member("blockTimestamp", quantity: block.header.timeMillis / 1000)
            writer.member("transactionHash", hash: hash)
            writer.member("transactionIndex", quantity: UInt64(index))
            writer.member("logIndex", quantity: UInt64(logIndex))
            writer.member("removed", bool: false)
            if isSystem { writer.member("system", bool: true) }
        }
        logIndex += 1
    }
}
