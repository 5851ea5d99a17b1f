import Gateway
import JSON
import Ledger
import Replica

/// Handing in a transaction and waiting for its receipt, in one request: EIP-7966.
extension RPCMethods {
    mutating func addSynchronousSending(_ context: RPCContext) {
        run(["eth_sendRawTransactionSync"], waits: true) { calls in context.submitAndWait(calls) }
    }
}

extension RPCContext {
    /// A transaction with the time that its sender gives it.
    private struct Sending: Sendable {
        let raw: [UInt8]
        let timeoutMillis: UInt64
        let call: RPCCall
    }

    /// Hands in the transactions of consecutive calls of a batch together, then waits for each.
    fileprivate func submitAndWait(_ calls: [RPCCall]) {
        guard !isTurnedAway(calls) else { return }
        var sendings: [Sending] = []
        sendings.reserveCapacity(calls.count)
        for call in calls {
            do throws(RPCError) {
                sendings.append(try sending(call))
            } catch {
                call.reply.failure(error)
            }
        }
        guard let first = sendings.first else { return }
        let session = first.call.request.session
        node.submit(
            sendings.map(\.raw), of: session.caller, within: session.refusals
        ) { [self, sendings] results in
            var known: [Wait] = []
            for (sending, result) in zip(sendings, results) {
                guard let wait = wait(sending, result) else { continue }
                if case .success = result {
                    // It is in the pool, so that nothing is read for it.
                    wait { look in sending.call.offload(look) }
                } else {
                    known.append(wait)
                }
            }
            begin(known, for: sendings[0].call)
        }
    }

    private func sending(_ call: RPCCall) throws(RPCError) -> Sending {
        let params = try call.request.params()
        try params.atMost(2)
        // A time that cannot be kept to is no reason to refuse a payment, says the standard.
        let wanted = try? params.quantity64(1, "timeout")
        return Sending(
            raw: try params.data(0, "transaction"),
            timeoutMillis: wanted.flatMap { (1...limits.waitMillis).contains($0) ? $0 : nil }
                ?? limits.sendMillis,
            call: call)
    }

    /// How to wait for what was taken, and for what was known: then it is sent again to learn what became of it.
    ///
    /// - Returns: nil if there is nothing to wait for, and the call has its answer.
    private func wait(_ sending: Sending, _ result: Result<Hash32, PoolRefusal>) -> Wait? {
        let (reply, session) = (sending.call.reply, sending.call.request.session)
        let hash: Hash32
        switch result {
        case .success(let taken): hash = taken
        case .failure(.alreadyKnown(let known)):
            // It may have been executed long ago, and the history is read for it.
            guard sending.call.hasRoom else {
                reply.failure(.isBusy)
                return nil
            }
            hash = known
        case .failure(let refusal):
            reply.failure(refusal.error)
            return nil
        }
        if let next = node.missingNonce(before: hash) {
            reply.failure(.waitsForNonce(next, hash))
            return nil
        }
        let millis = sending.timeoutMillis
        return { [self] later in
            guard !session.isOver else {
                reply.failure(.internalError("the connection is gone"))
                return
            }
            node.wait(
                for: hash, .executed, timeoutMillis: millis, isOver: { session.isOver },
                later: later
            ) { [self] outcome in
                feeds.answer(outcome) { [self] in
                    reply.answer { (writer) throws(RPCError) in
                        if case .timedOut = outcome { throw .notExecuted(within: millis, hash) }
                        try reply.checkRoom()
                        try write(outcome, hash, extended: false, to: &writer)
                    }
                }
            }
        }
    }
}

extension RPCError {
    /// 4: the time for an answer is over, or the node is stopping, and the transaction may still be executed.
    fileprivate static func notExecuted(within millis: UInt64, _ hash: Hash32) -> RPCError {
        RPCError(
            code: 4,
            message: "transaction \(hash) is not executed yet (waited at most \(millis) ms): ask "
                + "for its receipt, or send it again, which cannot pay twice",
            data: .data(hash.bytes))
    }

    /// 5: the transaction waits for another one of its sender.
    fileprivate static func waitsForNonce(_ next: UInt64, _ hash: Hash32) -> RPCError {
        RPCError(
            code: 5,
            message: "transaction \(hash) was taken and waits for those of its sender before it: "
                + "the next nonce is \(next)",
            data: .data(hash.bytes))
    }
}
