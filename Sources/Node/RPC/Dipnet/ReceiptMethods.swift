import Gateway
import JSON
import Ledger

/// Waiting for a transaction.
extension RPCMethods {
    mutating func addReceipts(_ context: RPCContext) {
        deferred("dip_waitForReceipt") { request, reply in
            do throws(RPCError) {
                try context.wait(try request.params(), reply)
            } catch {
                reply.failure(error)
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
            feeds.answer(outcome) { [self] in
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
