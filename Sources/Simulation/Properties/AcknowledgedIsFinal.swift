import Ledger

/// What a client has a receipt for is in every node's history, once, at its place.
struct AcknowledgedIsFinal {
    private var receipts: [Receipt] = []
    private var places: [Hash32: Int] = [:]

    mutating func note(_ receipt: Receipt, _ headers: SameHeaders) throws {
        guard headers.hashes.indices.contains(Int(receipt.height)),
            headers.hashes[Int(receipt.height)] == receipt.header
        else {
            throw Finding(
                .acknowledgedIsFinal,
                "a receipt names a block \(receipt.height) that the ledger does not have")
        }
        guard let before = places[receipt.transaction] else {
            places[receipt.transaction] = receipts.count
            receipts.append(receipt)
            return
        }
        let first = receipts[before]
        guard first.height == receipt.height, first.index == receipt.index else {
            throw Finding(
                .acknowledgedIsFinal,
                "transaction \(receipt.transaction) is at \(first.height):\(first.index) by one "
                    + "receipt, at \(receipt.height):\(receipt.index) by another")
        }
    }

    func checkEnd(_ world: World) throws {
        for node in world.nodes where node.lie == nil {
            guard let process = node.process else { continue }
            // A bank that was removed has what there was until then.
            for receipt in receipts where receipt.height <= process.head.header.height {
                guard let block = try process.block(at: receipt.height),
                    block.transactions.indices.contains(receipt.index),
                    Keccak256.hash(block.transaction(receipt.index)) == receipt.transaction,
                    try block.record(receipt.index).outcome != .skipped
                else {
                    throw Finding(
                        .acknowledgedIsFinal,
                        "node \(node.id) does not have transaction \(receipt.transaction) at "
                            + "\(receipt.height):\(receipt.index), where a receipt says it is")
                }
            }
        }
    }
}
