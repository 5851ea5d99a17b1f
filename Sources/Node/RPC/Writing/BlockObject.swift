import JSON
import Ledger

/// Blocks as Ethereum tools read them.
struct BlockObject {
    /// Keccak-256 of the RLP of an empty list.
    private static let noUncles = Keccak256.hash([0xc0])
    private static let extraData = Array("dipnet/1".utf8)

    /// The block with its receipts' places.
    let digest: BlockDigest
    /// The ledger's.
    let chainID: UInt64

    private var header: Header { digest.block.header }

    /// Writes the block with its transactions in full, or with their hashes.
    func write(full: Bool, to writer: inout JSONWriter) throws(DecodingFault) {
        try writer.object { (writer) throws(DecodingFault) in
            try writeHeader(to: &writer)
            writer.member("size", quantity: UInt64(Header.byteCount + digest.block.body.count))
            var skipped: [Int] = []
            writer.key("transactions")
            try writer.array { (writer) throws(DecodingFault) in
                for index in 0..<digest.systemIndex {
                    let record = try digest.record(index)
                    guard record.outcome != .skipped else {
                        skipped.append(index)
                        continue
                    }
                    if full {
                        try TransactionObject(digest: digest, index: index, chainID: chainID)
                            .write(to: &writer)
                    } else {
                        writer.hash(digest.hash(index))
                    }
                }
            }
            if !skipped.isEmpty {
                writer.key("skippedTransactions")
                writer.array(of: skipped) { $0.hash(digest.hash($1)) }
            }
            writer.key("uncles")
            writer.array { _ in }
        }
    }

    /// Writes the block without its transactions, as a subscription to `newHeads` gives it.
    func writeHead(to writer: inout JSONWriter) throws(DecodingFault) {
        try writer.object { (writer) throws(DecodingFault) in try writeHeader(to: &writer) }
    }

    private func writeHeader(to writer: inout JSONWriter) throws(DecodingFault) {
        writer.member("number", quantity: header.height)
        writer.member("hash", hash: digest.block.hash)
        writer.member("parentHash", hash: header.parent)
        writer.member("nonce", data: [UInt8](repeating: 0, count: 8))
        writer.member("sha3Uncles", hash: Self.noUncles)
        writer.member("logsBloom", data: try digest.bloom())
        writer.member("transactionsRoot", hash: header.transactionsRoot)
        writer.member("stateRoot", hash: header.stateHash)
        writer.member("receiptsRoot", hash: header.recordsRoot)
        writer.member("miner", address: header.leader)
        writer.member("difficulty", quantity: 0 as UInt64)
        writer.member("totalDifficulty", quantity: 0 as UInt64)
        writer.member("extraData", data: Self.extraData)
        writer.member("gasLimit", quantity: header.gasLimit)
        writer.member("gasUsed", quantity: header.gasUsed)
        writer.member("timestamp", quantity: header.timeMillis / 1000)
        writer.member("timestampMillis", quantity: header.timeMillis)
        writer.member("mixHash", hash: .zero)
        writer.member("baseFeePerGas", quantity: header.gasPrice)
        writer.member("body", hash: header.body)
        writer.member("changesRoot", hash: header.changesRoot)
    }

    /// Writes the block that would come next: on top of the last one, with what the pool has.
    static func writePending(
        on head: Header, parent: Hash32, timeMillis: UInt64, gasPrice: UInt128,
        transactions: [VerifiedTransaction], full: Bool, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("number", quantity: head.height + 1)
            for name in ["hash", "nonce", "logsBloom", "miner"] {
                writer.key(name)
                writer.null()
            }
            writer.member("parentHash", hash: parent)
            writer.member("sha3Uncles", hash: noUncles)
            for name in ["transactionsRoot", "stateRoot", "receiptsRoot", "mixHash"] {
                writer.member(name, hash: .zero)
            }
            writer.member("difficulty", quantity: 0 as UInt64)
            writer.member("totalDifficulty", quantity: 0 as UInt64)
            writer.member("extraData", data: extraData)
            writer.member("gasLimit", quantity: head.gasLimit)
            writer.member("gasUsed", quantity: 0 as UInt64)
            writer.member("timestamp", quantity: timeMillis / 1000)
            writer.member("timestampMillis", quantity: timeMillis)
            writer.member("baseFeePerGas", quantity: gasPrice)
            writer.member("size", quantity: UInt64(Header.byteCount))
            writer.key("transactions")
            writer.array(of: transactions) { writer, transaction in
                if full {
                    TransactionObject.write(pending: transaction, to: &writer)
                } else {
                    writer.hash(transaction.hash)
                }
            }
            writer.key("uncles")
            writer.array { _ in }
        }
    }
}
