import NIOCore
import Synchronization

/// One call of a run, with the way to answer it.
public struct RPCCall: Sendable {
    /// What is asked.
    public let request: RPCRequest
    /// Where the answer goes.
    public let reply: RPCReply
}

/// The place for the answer to one call; takes one answer, from any thread.
///
/// A second answer is ignored. A reply that is dropped without an answer answers with an internal
/// error, so that no caller waits for ever.
public final class RPCReply: Sendable {
    let exchange: RPCExchange
    let piece: Int
    let entry: RPCMethodEntry
    /// Where the call's id stands in the body; nil for a notification, whose answer goes nowhere.
    let id: Range<Int>?
    let started: NIODeadline
    private let isAnswered = Atomic<Bool>(false)

    init(exchange: RPCExchange, piece: Int, entry: RPCMethodEntry, id: Range<Int>?) {
        self.exchange = exchange
        self.piece = piece
        self.entry = entry
        self.id = id
        started = .now()
    }

    deinit {
        if !isAnswered.load(ordering: .relaxed) {
            failure(.internalError("\(entry.method.name) gave no answer"))
        }
    }

    /// Answers with the one value that `write` writes.
    @discardableResult
    public func result(_ write: (inout JSONWriter) -> Void) -> Bool {
        answer { (writer) throws(RPCError) in write(&writer) }
    }

    /// Answers with a tree.
    @discardableResult
    public func result(_ value: JSON) -> Bool {
        answer { (writer) throws(RPCError) in writer.value(value) }
    }

    /// Answers with an error.
    @discardableResult
    public func failure(_ error: RPCError) -> Bool {
        answer { (_) throws(RPCError) in throw error }
    }

    /// Answers with what `write` writes or throws; false if there was an answer already.
    @discardableResult
    public func answer(_ write: (inout JSONWriter) throws(RPCError) -> Void) -> Bool {
        guard !isAnswered.exchange(true, ordering: .relaxed) else { return false }
        var writer = JSONWriter(capacity: 128)
        let failed = exchange.write(id: id, to: &writer, write)
        entry.finished(started, failed: failed)
        exchange.fill(piece, with: writer.buffer)
        return true
    }
}

/// Where the finished answer to a body goes.
protocol RPCOutlet: AnyObject, Sendable {
    /// Takes the answer to body `tag`; nil if it consisted of notifications. Any thread.
    func deliver(_ response: ByteBuffer?, tag: Int)
}

/// The answer to one body in the making: pieces in request order, filled in any order.
final class RPCExchange: Sendable {
    private struct State {
        var pieces: [ByteBuffer?] = []
        /// Pieces that are missing, and one while the body is still being walked.
        var missing = 1

        mutating func oneFewerMissing() -> [ByteBuffer?]? {
            missing -= 1
            return missing == 0 ? pieces : nil
        }
    }

    let body: ByteBuffer
    let isBatch: Bool
    private let tag: Int
    private let outlet: any RPCOutlet
    private let state = Mutex(State())

    init(body: ByteBuffer, isBatch: Bool, tag: Int, outlet: any RPCOutlet) {
        self.body = body
        self.isBatch = isBatch
        self.tag = tag
        self.outlet = outlet
    }

    /// Adds a piece that is there already.
    func add(_ piece: ByteBuffer) {
        state.withLock { $0.pieces.append(piece) }
    }

    /// Makes room for `count` pieces; gives the first one's number.
    func reserve(_ count: Int) -> Int {
        state.withLock { state in
            state.missing += count
            state.pieces.append(contentsOf: repeatElement(nil, count: count))
            return state.pieces.count - count
        }
    }

    /// Puts a piece in its place; the last one sends the answer on its way.
    func fill(_ piece: Int, with bytes: ByteBuffer) {
        let pieces: [ByteBuffer?]? = state.withLock { state in
            state.pieces[piece] = bytes
            return state.oneFewerMissing()
        }
        if let pieces { outlet.deliver(assemble(pieces), tag: tag) }
    }

    /// The body is walked: the answer if it is complete, else it is delivered later.
    func finishWalk() -> (isComplete: Bool, response: ByteBuffer?) {
        guard let pieces = state.withLock({ $0.oneFewerMissing() }) else { return (false, nil) }
        return (true, assemble(pieces))
    }

    private func assemble(_ pieces: [ByteBuffer?]) -> ByteBuffer? {
        if !isBatch {
            guard let only = pieces.first, let only, only.readableBytes > 0 else { return nil }
            return only
        }
        var whole = ByteBuffer()
        whole.reserveCapacity(pieces.reduce(2) { $0 + ($1?.readableBytes ?? 0) })
        whole.writeInteger(UInt8(ascii: "["))
        for piece in pieces {
            if let piece { whole.writeImmutableBuffer(piece) }
        }
        return Self.closeBatch(whole)
    }

    /// Replaces the comma after the last answer by the closing bracket; nil if there is no answer.
    static func closeBatch(_ batch: ByteBuffer) -> ByteBuffer? {
        guard batch.readableBytes > 1 else { return nil }
        var batch = batch
        batch.setInteger(UInt8(ascii: "]"), at: batch.writerIndex - 1)
        return batch
    }

    /// Writes one whole answer, followed by a comma in a batch; nothing for a notification.
    /// - Returns: whether `write` threw.
    func write(
        id: Range<Int>?, to writer: inout JSONWriter,
        _ write: (inout JSONWriter) throws(RPCError) -> Void
    ) -> Bool {
        RPCResponse.write(id: id, of: body, inBatch: isBatch, to: &writer, write)
    }
}

/// The text of one answer.
enum RPCResponse {
    /// Writes `{"jsonrpc":"2.0","id":…,"result":…}` or the error that `write` throws instead.
    ///
    /// Without an `id`, by its place in `body`, nothing is written. Tells whether `write` threw.
    static func write(
        id: Range<Int>?, of body: ByteBuffer, inBatch: Bool, to writer: inout JSONWriter,
        _ write: (inout JSONWriter) throws(RPCError) -> Void
    ) -> Bool {
        let start = writer.buffer.writerIndex
        writer.buffer.writeStaticString("{\"jsonrpc\":\"2.0\",\"id\":")
        if let id {
            body.withUnsafeReadableBytes { bytes in
                let first = id.lowerBound - body.readerIndex
                _ = writer.buffer.writeBytes(
                    UnsafeRawBufferPointer(rebasing: bytes[first..<(first + id.count)]))
            }
        }
        let afterID = writer.buffer.writerIndex
        var failed = false
        do throws(RPCError) {
            writer.buffer.writeStaticString(",\"result\":")
            writer.needsComma = false
            try write(&writer)
            if !writer.needsComma { writer.null() }
        } catch {
            failed = true
            writer.buffer.moveWriterIndex(to: afterID)
            writer.buffer.writeStaticString(",\"error\":")
            writer.needsComma = false
            error.write(to: &writer)
        }
        if id == nil {
            writer.buffer.moveWriterIndex(to: start)
        } else if inBatch {
            writer.buffer.writeStaticString("},")
        } else {
            writer.buffer.writeStaticString("}")
        }
        writer.needsComma = false
        return failed
    }

    /// An answer to something that is no request: its id is null.
    static func refusal(_ error: RPCError) -> ByteBuffer {
        var writer = JSONWriter(capacity: 128)
        writer.buffer.writeStaticString("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":")
        error.write(to: &writer)
        writer.buffer.writeStaticString("}")
        return writer.buffer
    }
}
