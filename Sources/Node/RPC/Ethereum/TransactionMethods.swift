import Execution
import Gateway
import JSON
import Ledger
import Replica
import Storage

/// Transactions in, and what became of them.
extension RPCMethods {
    mutating func addTransactions(_ context: RPCContext) {
        let node = context.node
        run(["eth_sendRawTransaction"]) { calls in context.submit(calls) }
        run(["dip_sendTransactions"]) { calls in context.submitLists(calls) }
        onDisconnect { caller in node.forget(caller) }
        offloaded("eth_getTransactionByHash") { (request, writer) throws(RPCError) in
            let hash = try request.params().hash(0, "hash")
            if let waiting = node.pending(hash) {
                return TransactionObject.write(pending: waiting, to: &writer)
            }
            guard let (digest, index) = try context.place(of: hash) else { return writer.null() }
            try context.writeTransaction(digest, index, to: &writer)
        }
        offloaded("eth_getTransactionReceipt") { (request, writer) throws(RPCError) in
            let hash = try request.params().hash(0, "hash")
            guard let (digest, index) = try context.place(of: hash) else { return writer.null() }
            try RPCContext.decoding { () throws(DecodingFault) in
                try ReceiptObject(digest: digest, index: index).write(to: &writer)
            }
        }
        for (name, byHash) in [
            ("eth_getTransactionByBlockNumberAndIndex", false),
            ("eth_getTransactionByBlockHashAndIndex", true),
        ] {
            offloaded(name) { (request, writer) throws(RPCError) in
                let params = try request.params()
                let selector =
                    byHash
                    ? BlockSelector.hash(try params.hash(0, "hash")) : try params.block(0)
                let index = try params.quantity64(1, "index")
                if selector == .pending {
                    let waiting = node.pendingTransactions(limit: RPCContext.pendingLimit)
                    guard index < UInt64(waiting.count) else { return writer.null() }
                    return TransactionObject.write(pending: waiting[Int(index)], to: &writer)
                }
                guard let block = try context.block(selector),
                    index < UInt64(block.transactions.count)
                else { return writer.null() }
                try context.writeTransaction(
                    try context.digest(block), Int(index), to: &writer)
            }
        }
    }
}

extension RPCContext {
    /// Where a transaction is, or by its hash a block that did something itself.
    func place(of hash: Hash32) throws(RPCError) -> (digest: BlockDigest, index: Int)? {
        let found = try Self.reading { () throws(StoreFault) in try node.locate(hash) }
        if let (block, index) = found { return (try digest(block), index) }
        guard let block = try block(.hash(hash)) else { return nil }
        let digest = try digest(block)
        return digest.logs(digest.systemIndex).isEmpty ? nil : (digest, digest.systemIndex)
    }

    fileprivate func writeTransaction(
        _ digest: BlockDigest, _ index: Int, to writer: inout JSONWriter
    ) throws(RPCError) {
        try Self.decoding { () throws(DecodingFault) in
            guard try ReceiptObject(digest: digest, index: index).exists else {
                return writer.null()
            }
            try TransactionObject(
                digest: digest, index: index, chainID: node.genesis.chainID
            ).write(to: &writer)
        }
    }

    // MARK: Sending

    /// Answers calls without reading their parameters, if too many transactions of their client were refused.
    ///
    /// To look for that here costs a flood least: neither is hexadecimal decoded, nor another thread woken.
    func isTurnedAway(_ calls: [RPCCall]) -> Bool {
        guard let budget = calls.first?.request.session.refusals,
            let millis = budget.wait(for: calls.count)
        else { return false }
        let error = PoolRefusal.tooManyRefused(retryMillis: millis).error
        for call in calls { call.reply.failure(error) }
        return true
    }

    /// Hands in the transactions of consecutive calls of a batch together.
    fileprivate func submit(_ calls: [RPCCall]) {
        guard !isTurnedAway(calls) else { return }
        var raws: [[UInt8]] = []
        var replies: [RPCReply] = []
        raws.reserveCapacity(calls.count)
        replies.reserveCapacity(calls.count)
        for call in calls {
            do throws(RPCError) {
                raws.append(try call.request.rawTransaction())
                replies.append(call.reply)
            } catch {
                call.reply.failure(error)
            }
        }
        guard !raws.isEmpty else { return }
        let session = calls[0].request.session
        node.submit(raws, of: session.caller, within: session.refusals) { [replies] results in
            for (index, reply) in replies.enumerated() {
                switch results[index] {
                case .success(let hash): reply.result { $0.hash(hash) }
                case .failure(let refusal): reply.failure(refusal.error)
                }
            }
        }
    }

    /// Hands in the lists of consecutive calls of a batch together.
    fileprivate func submitLists(_ calls: [RPCCall]) {
        guard !isTurnedAway(calls) else { return }
        var raws: [[UInt8]] = []
        var parts: [(reply: RPCReply, range: Range<Int>)] = []
        for call in calls {
            do throws(RPCError) {
                let list = try call.rawTransactions()
                parts.append((call.reply, raws.count..<(raws.count + list.count)))
                raws += list
            } catch {
                call.reply.failure(error)
            }
        }
        guard !parts.isEmpty else { return }
        let session = calls[0].request.session
        node.submit(raws, of: session.caller, within: session.refusals) { [parts] results in
            for (reply, range) in parts {
                reply.result { writer in
                    writer.array(of: range) { writer, index in
                        writer.write(results[index])
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// What became of one transaction of a list.
    fileprivate mutating func write(_ result: Result<Hash32, PoolRefusal>) {
        object { writer in
            switch result {
            case .success(let hash): writer.member("hash", hash: hash)
            case .failure(let refusal):
                let error = refusal.error
                writer.key("error")
                writer.object { writer in
                    writer.member("code", number: error.code)
                    writer.member("message", string: error.message)
                    if let data = error.data { writer.member("data", value: data) }
                }
            }
        }
    }
}

extension PoolRefusal {
    /// The answer to the request that brought the transaction, in words that Ethereum clients know.
    var error: RPCError {
        guard case .tooManyRefused(let millis) = self else {
            return RPCError(code: -32000, message: description, data: entry.data)
        }
        var error = RPCError.limitExceeded(description)
        error.data = .object(
            (entry.data.object ?? []) + [JSON.Member("retryMillis", .integer(millis))])
        return error
    }
}
