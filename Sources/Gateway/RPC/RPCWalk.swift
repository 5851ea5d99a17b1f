import JSON
import NIOCore

/// Runs the calls of one body in order and collects their answers.
///
/// While all answers come at once they go into one buffer. The first that comes later turns the
/// answer into an ``RPCExchange`` of pieces.
extension RPCEngine {
    struct Walk: ~Copyable {
        let body: ByteBuffer
        let isBatch: Bool
        let session: RPCSession
        let tag: Int
        let limits: ServerLimits
        let workers: RPCEngine.Workers

        private var writer: JSONWriter
        private var exchange: RPCExchange?
        private var written = 0
        /// Nanoseconds in which calls of the body were answered at once.
        private var spent: Int64 = 0
        /// Consecutive calls that go to one handler together.
        private var run: [RPCRequest] = []
        private var runIDs: [RPCID?] = []
        private var runEntry: RPCMethodEntry?

        init(
            body: ByteBuffer, isBatch: Bool, session: RPCSession, tag: Int, limits: ServerLimits,
            workers: RPCEngine.Workers
        ) {
            self.body = body
            self.isBatch = isBatch
            self.session = session
            self.tag = tag
            self.limits = limits
            self.workers = workers
            writer = JSONWriter(capacity: isBatch ? 1024 : 192)
            if isBatch { writer.append("[") }
        }
    }
}

extension RPCEngine.Walk {
    /// Answers with an error without asking a method.
    ///
    /// What is no request gets an answer even without an id; a notification gets none.
    mutating func refuse(_ envelope: RPCEnvelope, _ error: RPCError, isRequest: Bool = false) {
        flushRun()
        guard let id = idText(of: envelope).map(RPCID.init(inBody:)) else {
            guard !isRequest else { return }
            RPCResponse.refuse(error, to: &writer)
            if isBatch { writer.append(",") }
            return
        }
        _ = RPCResponse.write(id: id, inBatch: isBatch, to: &writer) {
            (_) throws(RPCError) in throw error
        }
    }

    mutating func call(_ entry: RPCMethodEntry, _ envelope: RPCEnvelope) {
        let request = RPCRequest(
            entry: entry, body: body, paramsRange: absolute(envelope.params), tag: tag,
            session: session)
        let id = idText(of: envelope)
        switch entry.method.form {
        case .run(_, let group, _):
            if let first = runEntry, case .run(_, let other, _) = first.method.form,
                other != group
            {
                flushRun()
            }
            runEntry = runEntry ?? entry
            run.append(request)
            runIDs.append(id.map(RPCID.init(copying:)))
        case .immediate(let body):
            flushRun()
            guard spent < limits.sliceNanoseconds else {
                return offload(envelope, request, id, body, to: workers.short)
            }
            answerNow(request, id.map(RPCID.init(inBody:)), body)
        case .offloaded(let body, let isLong):
            flushRun()
            offload(envelope, request, id, body, to: isLong ? workers.long : workers.short)
        case .deferred(let body):
            flushRun()
            body(request, reserve(entry, id, bytes: Self.waitingBytes))
        }
    }

    /// Leaves a call to the workers, where the client's have their turns.
    private mutating func offload(
        _ envelope: RPCEnvelope, _ request: RPCRequest, _ id: ByteBuffer?,
        _ method: @escaping RPCMethods.Immediate, to workers: RPCWorkers
    ) {
        let caller = session.caller
        guard workers.hasRoom(for: caller) else {
            return refuse(
                envelope, .limitExceeded("the node is busy; try again"), isRequest: true)
        }
        let reply = reserve(request.entry, id)
        workers.submit(of: caller) {
            reply.answer { (writer) throws(RPCError) in
                try reply.exchange.checkRoom()
                try method(request, &writer)
            }
        }
    }

    private mutating func answerNow(
        _ request: RPCRequest, _ id: RPCID?, _ method: RPCMethods.Immediate
    ) {
        let started = NIODeadline.now()
        let isFull = written + writer.count > limits.responseBytes
        let failed = RPCResponse.write(id: id, inBatch: isBatch, to: &writer) {
            (writer) throws(RPCError) in
            guard !isFull else { throw RPCExchange.tooLarge }
            try method(request, &writer)
        }
        spent += request.entry.finished(started, failed: failed)
    }

    /// Gives the calls that wait for company to their handler.
    private mutating func flushRun() {
        guard let entry = runEntry, case .run(let handler, _, let waits) = entry.method.form
        else { return }
        let exchange = openExchange()
        let bytes = waits ? Self.waitingBytes + (run.count - 1) * Self.batchedBytes : 0
        let first = exchange.reserve(run.count, bytes: bytes)
        var calls: [RPCCall] = []
        calls.reserveCapacity(run.count)
        for (index, request) in run.enumerated() {
            let reply = RPCReply(
                exchange: exchange, piece: first + index, entry: request.entry, id: runIDs[index])
            calls.append(RPCCall(request: request, reply: reply, workers: workers.short))
        }
        run.removeAll()
        runIDs.removeAll()
        runEntry = nil
        handler(calls)
    }

    /// About what a call takes that waits for something to happen, in a body of its own.
    ///
    /// It is from where on an exchange counts, so that each of them counts at once.
    private static let waitingBytes = 3072
    /// About what another one of the same body takes.
    private static let batchedBytes = 1024

    private mutating func reserve(
        _ entry: RPCMethodEntry, _ id: ByteBuffer?, bytes: Int = 0
    ) -> RPCReply {
        let exchange = openExchange()
        return RPCReply(
            exchange: exchange, piece: exchange.reserve(1, bytes: bytes), entry: entry,
            id: id.map(RPCID.init(copying:)))
    }

    /// The exchange, with all that is written so far handed over to it.
    private mutating func openExchange() -> RPCExchange {
        let exchange =
            self.exchange
            ?? RPCExchange(
                bodyBytes: body.readableBytes, isBatch: isBatch, tag: tag, outlet: session.outlet,
                byteLimit: limits.responseBytes)
        // The exchange writes the opening bracket itself.
        let opening = isBatch && self.exchange == nil ? 1 : 0
        self.exchange = exchange
        if writer.count > opening {
            written += writer.count
            var piece = ByteBuffer(writer)
            piece.moveReaderIndex(forwardBy: opening)
            exchange.add(piece)
        }
        writer.truncate(to: 0)
        return exchange
    }

    mutating func finish() -> RPCEngine.Outcome {
        flushRun()
        guard exchange != nil else {
            let text = ByteBuffer(writer)
            if isBatch { return .answered(RPCExchange.closeBatch(text)) }
            return .answered(text.readableBytes > 0 ? text : nil)
        }
        let (isComplete, response) = openExchange().finishWalk()
        return isComplete ? .answered(response) : .later
    }

    /// The id's part of the body.
    private func idText(of envelope: RPCEnvelope) -> ByteBuffer? {
        absolute(envelope.id).flatMap { body.getSlice(at: $0.lowerBound, length: $0.count) }
    }

    private func absolute(_ range: Range<Int>?) -> Range<Int>? {
        guard let range else { return nil }
        return (range.lowerBound + body.readerIndex)..<(range.upperBound + body.readerIndex)
    }
}
