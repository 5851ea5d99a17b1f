import Gateway
import JSON
import Ledger
import Storage

/// Waiting for a transaction.
extension RPCMethods {
    mutating func addReceipts(_ context: RPCContext) {
        run(["dip_waitForReceipt"], scope: .read, waits: true) { calls in context.wait(calls) }
    }
}

extension RPCContext {
    /// Reads the history for a wait.
    typealias Look = @Sendable () -> Void
    /// Begins to wait; hands over what reads the history, where that is needed.
    typealias Wait = @Sendable (_ later: (@escaping Look) -> Void) -> Void

    /// How many are begun before somebody else has a turn.
    private static let waitsAtOnce = 16

    /// Begins to wait, each after a look at what was executed before.
    ///
    /// Few are begun at once, since to wake another thread would take longer; only what may have been executed
    /// long ago is looked for in the history on the server's workers. Many would keep all that the caller's
    /// thread serves from being answered: all of it goes to the workers, where clients take turns.
    ///
    /// - Parameters:
    ///   - waits: what to begin, in order.
    ///   - call: whose connection takes the turns; it has room.
    func begin(_ waits: [Wait], for call: RPCCall) {
        guard waits.count > Self.waitsAtOnce else {
            var looks: [Look] = []
            for wait in waits { wait { looks.append($0) } }
            guard !looks.isEmpty else { return }
            return call.offload { [looks] in for look in looks { look() } }
        }
        for start in stride(from: 0, to: waits.count, by: Self.waitsAtOnce) {
            let share = waits[start..<min(start + Self.waitsAtOnce, waits.count)]
            call.offload { for wait in share { wait { look in look() } } }
        }
    }

    fileprivate func wait(_ calls: [RPCCall]) {
        guard let first = calls.first else { return }
        guard first.hasRoom else {
            for call in calls { call.reply.failure(.isBusy) }
            return
        }
        begin(calls.map { call in { [self] later in begin(call, later) } }, for: first)
    }

    private func begin(_ call: RPCCall, _ later: (@escaping Look) -> Void) {
        let session = call.request.session
        do throws(RPCError) {
            // What waits counts for a connection only as long as there is one.
            guard !session.isOver else { throw .internalError("the connection is gone") }
            try wait(try call.request.params(), session, call.reply, later)
        } catch {
            call.reply.failure(error)
        }
    }

    private func wait(
        _ params: RPCParams, _ session: RPCSession, _ reply: RPCReply,
        _ later: (@escaping Look) -> Void
    ) throws(RPCError) {
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
        // The timer does not hold the reply, which is freed once it is answered.
        node.wait(
            for: hash, mode, timeoutMillis: timeout, isOver: { session.isOver }, later: later
        ) { [self] outcome in
            feeds.answer(outcome) { [self] in
                reply.answer { (writer) throws(RPCError) in
                    try reply.checkRoom()
                    try write(outcome, hash, extended: true, to: &writer)
                }
            }
        }
    }

    /// Writes the receipt of what somebody waited for, or null if the time is over.
    ///
    /// - Parameters:
    ///   - outcome: what became of it.
    ///   - hash: the transaction's.
    ///   - extended: with what it returned and why it was refused.
    ///   - writer: gets one value.
    /// - Throws: -32000 if the transaction was dropped, -32603 if the store cannot be read.
    func write(
        _ outcome: Awaited, _ hash: Hash32, extended: Bool, to writer: inout JSONWriter
    ) throws(RPCError) {
        switch outcome {
        case .found(let block, let index):
            let digest = try digest(block)
            try Self.decoding { () throws(DecodingFault) in
                try ReceiptObject(digest: digest, index: index).write(
                    extended: extended, to: &writer)
            }
        case .dropped:
            throw RPCError(
                code: -32000,
                message: "transaction \(hash) was dropped: its nonce was used, or nobody could "
                    + "pay its fee any more, when its turn came")
        case .timedOut: writer.null()
        // Who is told null may take it for not executed, and do it again.
        case .unreadable(let fault): try Self.reading { () throws(StoreFault) in throw fault }
        }
    }
}

extension RPCError {
    /// The workers have as much to do for the connection as they take.
    static var isBusy: RPCError { .limitExceeded("the node is busy; try again") }
}
