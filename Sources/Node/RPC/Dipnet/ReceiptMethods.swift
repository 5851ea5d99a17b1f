import Gateway
import Ledger

/// Waiting for a transaction, and proving it.
extension RPCMethods {
    mutating func addReceipts(_ context: RPCContext) {
        deferred("dip_waitForReceipt") { request, reply in
            do throws(RPCError) {
                try context.wait(try request.params(), reply)
            } catch {
                reply.failure(error)
            }
        }
        offloaded("dip_proof") { (request, writer) throws(RPCError) in
            let hash = try request.params().hash(0, "hash")
            guard let (digest, index) = try context.place(of: hash) else { return writer.null() }
            try RPCContext.decoding { () throws(DecodingFault) in
                try ProofObject(digest: digest, index: index).write(to: &writer)
            }
        }
    }
}

extension RPCContext {
    fileprivate func wait(_ params: RPCParams, _ reply: RPCReply) throws(RPCError) {
        let hash = try params.hash(0, "hash")
        let mode: WaitMode
        switch params.find(1, "mode")?.string ?? "executed" {
        case "executed": mode = .executed
        case "certified": mode = .certified
        default: throw params.wrong(1, "mode", "\"executed\" or \"certified\"")
        }
        let timeout =
            params.find(2, "timeout") == nil ? 10_000 : try params.quantity64(2, "timeout")
        guard timeout <= limits.waitMillis else {
            throw params.wrong(2, "timeout", "at most \(limits.waitMillis) milliseconds")
        }
        node.wait(for: hash, mode, timeoutMillis: timeout) { [self] outcome in
            // The thread that publishes blocks has better things to do than writing receipts.
            feeds.submit { [self] in
                reply.answer { (writer) throws(RPCError) in
                    try write(outcome, hash, to: &writer)
                }
            }
        }
    }

    private func write(
        _ outcome: Awaited, _ hash: Hash32, to writer: inout JSONWriter
    ) throws(RPCError) {
        switch outcome {
        case .found(let block, let index):
            let digest = try digest(block)
            try Self.decoding { () throws(DecodingFault) in
                try ReceiptObject(digest: digest, index: index).write(extended: true, to: &writer)
            }
        case .dropped:
            throw RPCError(
                code: -32000,
                message: "transaction \(hash) was dropped: its nonce was used, or nobody could "
                    + "pay its fee any more, when its turn came")
        case .timedOut: writer.null()
        }
    }
}

/// What shows that a transaction and its record are in a block, to somebody who trusts its header.
struct ProofObject {
    let digest: BlockDigest
    let index: Int

    /// Writes the proof.
    func write(to writer: inout JSONWriter) throws(DecodingFault) {
        let block = digest.block
        let recordLeaves = (0...digest.systemIndex).map { MerkleTree.leaf(block.recordBytes($0)) }
        writer.object { writer in
            if index < digest.systemIndex {
                let leaves = (0..<digest.systemIndex).map { MerkleTree.leaf(digest.hash($0)) }
                writer.key("transaction")
                writer.object { writer in
                    writer.member("raw", data: block.transaction(index))
                    writePath(leaves, to: &writer)
                }
            }
            writer.key("record")
            writer.object { writer in
                writer.member("bytes", data: block.recordBytes(index))
                writePath(recordLeaves, to: &writer)
            }
            writer.member("header", data: block.header.bytes)
            writer.key("block")
            writer.object { writer in
                writer.member("height", number: block.header.height)
                writer.member("hash", hash: block.hash)
            }
            // A consortium of one does not exchange signatures.
            writer.key("certificate")
            writer.null()
        }
    }

    private func writePath(_ leaves: [Hash32], to writer: inout JSONWriter) {
        writer.member("index", number: index)
        writer.member("count", number: leaves.count)
        writer.key("path")
        writer.array(of: MerkleTree.proof(of: index, in: leaves) ?? []) { $0.hash($1) }
    }
}
