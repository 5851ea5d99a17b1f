import JSON
import NIOCore
import NIOPosix
import Synchronization

/// Turns a body into calls and their answers into a body; knows no sockets.
package final class RPCEngine: Sendable {
    /// What became of a body.
    package enum Outcome {
        /// The answer; nil if it consisted of notifications.
        case answered(ByteBuffer?)
        /// The session's outlet gets the answer later.
        case later
        /// As `answered`, for a body that is no JSON or no request at all.
        case refused(RPCError)
    }

    /// The threads for offloaded methods: those that walk through much keep no other waiting.
    package struct Workers: Sendable {
        let short: RPCWorkers
        let long: RPCWorkers

        package init(count: Int, queue: Int) {
            short = RPCWorkers(named: "rpc", threads: count, queue: queue, total: 16 * queue)
            long = RPCWorkers(
                named: "rpc-long", threads: count, queue: queue, total: 16 * queue)
        }

        func drop(of caller: RPCCaller) {
            short.drop(of: caller)
            long.drop(of: caller)
        }

        func shutDown() async {
            await short.shutDown()
            await long.shutDown()
        }
    }

    /// For a body, which is walked on a connection's thread: each name costs its place in a list, and a look whether
    /// its object has it already.
    private static let jsonLimits = {
        var limits = JSONLimits()
        limits.names = 65_536
        return limits
    }()

    private let methods: [String: RPCMethodEntry]
    private let disconnectHandlers: [@Sendable (RPCCaller) -> Void]
    private let limits: ServerLimits
    private let workers: Workers

    package init(methods: RPCMethods, limits: ServerLimits, metrics: Metrics, workers: Workers) {
        self.methods = methods.all.mapValues { RPCMethodEntry($0, metrics: metrics) }
        disconnectHandlers = methods.disconnectHandlers
        self.limits = limits
        self.workers = workers
    }

    /// Drops what the calls of a connection that is gone wait for; after its outlet's end.
    func forget(_ caller: RPCCaller) {
        workers.drop(of: caller)
        for handler in disconnectHandlers { handler(caller) }
    }

    /// Runs the calls in `body`; on the connection's thread.
    ///
    /// `admit` is asked once, with the number of calls, before the first is made.
    package func answer(
        _ body: ByteBuffer, session: RPCSession, tag: Int,
        admit: (Int) -> RPCError? = { _ in nil }
    ) -> Outcome {
        var envelopes: [RPCEnvelope] = []
        let isBatch: Bool
        do throws(RPCError) {
            isBatch = try read(body, into: &envelopes)
            if let refusal = admit(envelopes.count) { throw refusal }
        } catch {
            return .refused(error)
        }
        var walk = Walk(
            body: body, isBatch: isBatch, session: session, tag: tag, limits: limits,
            workers: workers)
        var last: RPCMethodEntry?
        for envelope in envelopes {
            if let fault = envelope.fault {
                walk.refuse(envelope, fault)
                continue
            }
            guard let entry = entry(of: envelope, in: body, last: last) else {
                walk.refuse(envelope, unknownMethod(envelope, in: body), isRequest: true)
                continue
            }
            last = entry
            guard session.scopes.contains(entry.method.scope) else {
                let scope = entry.method.scope
                walk.refuse(
                    envelope, .forbidden("\(entry.method.name) needs a token with scope \(scope)"),
                    isRequest: true)
                continue
            }
            walk.call(entry, envelope)
        }
        return walk.finish()
    }

    /// Reads all requests of a body before any is run: a body that ends in rubbish runs nothing.
    /// - Returns: whether it is a batch.
    private func read(
        _ body: ByteBuffer, into envelopes: inout [RPCEnvelope]
    ) throws(RPCError) -> Bool {
        let isBatch: Bool
        do throws(JSONFault) {
            isBatch = try body.withUnsafeReadableBytes { raw throws(JSONFault) in
                var reader = JSONReader(raw.bindMemory(to: UInt8.self), limits: Self.jsonLimits)
                return try read(&reader, into: &envelopes)
            }
        } catch {
            throw .parseError("this is no JSON that can be read: \(error)")
        }
        guard envelopes.count <= limits.batchCalls else {
            throw .invalidRequest("a batch has at most \(limits.batchCalls) calls; send several")
        }
        guard !envelopes.isEmpty else { throw .invalidRequest("an empty batch") }
        return isBatch
    }

    private func read(
        _ reader: inout JSONReader, into envelopes: inout [RPCEnvelope]
    ) throws(JSONFault) -> Bool {
        reader.skipSpace()
        let isBatch = reader.current == UInt8(ascii: "[")
        if isBatch {
            let limit = limits.batchCalls
            envelopes.reserveCapacity(min(limit, reader.bytes.count / 64))
            try reader.forEachElement(depth: 0) { (reader) throws(JSONFault) in
                let envelope = try RPCEnvelope(&reader, depth: 1)
                if envelopes.count <= limit { envelopes.append(envelope) }
            }
        } else {
            envelopes.append(try RPCEnvelope(&reader, depth: 0))
        }
        try reader.finish()
        return isBatch
    }

    /// The method that is asked for.
    ///
    /// Batches mostly repeat one, hence the look at the last.
    private func entry(
        of envelope: RPCEnvelope, in body: ByteBuffer, last: RPCMethodEntry?
    ) -> RPCMethodEntry? {
        guard let name = envelope.method else { return nil }
        return body.withUnsafeReadableBytes { raw in
            let reader = JSONReader(raw.bindMemory(to: UInt8.self))
            if let last, !name.hasEscapes, reader.raw(name).elementsEqual(last.method.nameBytes) {
                return last
            }
            return methods[reader.string(name)]
        }
    }

    private func unknownMethod(_ envelope: RPCEnvelope, in body: ByteBuffer) -> RPCError {
        guard let name = envelope.method else { return .methodNotFound("no such method") }
        let text = body.withUnsafeReadableBytes { raw in
            JSONReader(raw.bindMemory(to: UInt8.self)).string(name)
        }
        return .methodNotFound("the method \(text.prefix(80)) does not exist or is not available")
    }
}

/// One method in one server, with its measurements.
final class RPCMethodEntry: Sendable {
    let method: RPCMethod
    private let calls: Counter
    private let errors: Counter
    private let drops: Counter
    private let durations: Histogram

    init(_ method: RPCMethod, metrics: Metrics) {
        self.method = method
        let labels = [(name: "method", value: method.name)]
        calls = metrics.counter("dip_rpc_calls_total", "Calls answered.", labels: labels)
        errors = metrics.counter(
            "dip_rpc_errors_total", "Calls answered with an error.", labels: labels)
        drops = metrics.counter(
            "dip_rpc_dropped_total", "Calls left out as their connection was gone.", labels: labels)
        durations = metrics.durations(
            "dip_rpc_call_seconds", "Time from reading a call to its answer.", labels: labels)
    }

    /// Counts a call that nobody is there for any more.
    func dropped() { drops.add() }

    /// Counts a call that is answered.
    ///
    /// - Returns: nanoseconds that it took.
    @discardableResult
    func finished(_ started: NIODeadline, failed: Bool) -> Int64 {
        calls.add()
        if failed { errors.add() }
        let elapsed = max(0, (NIODeadline.now() - started).nanoseconds)
        durations.observe(UInt64(elapsed))
        return elapsed
    }
}
