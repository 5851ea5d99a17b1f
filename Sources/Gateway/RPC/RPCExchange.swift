import JSON
import NIOCore
import Synchronization

/// The answer to one body in the making: pieces in request order, filled in any order.
final class RPCExchange: Sendable {
    private struct State {
        var pieces: [ByteBuffer?] = []
        /// Pieces that are missing, and one while the body is still being walked.
        var missing = 1
        /// Bytes of the body and the pieces, and how many of them the outlet counts.
        var bytes = 0
        var counted = 0
        /// Transactions that the calls walked so far have in lists.
        var listed = 0

        mutating func oneFewerMissing() -> [ByteBuffer?]? {
            missing -= 1
            return missing == 0 ? pieces : nil
        }

        /// By how much the outlet's count is to change.
        ///
        /// Small amounts do not count, as most exchanges are small and soon over; what waits for something to
        /// happen takes more from the start.
        mutating func grow(by more: Int) -> Int {
            bytes += more
            guard bytes - counted >= RPCExchange.countedFrom else { return 0 }
            defer { counted = bytes }
            return bytes - counted
        }
    }

    /// Bytes from which on an exchange counts.
    private static let countedFrom = 2048

    let isBatch: Bool
    private let tag: Int
    private let outlet: any RPCOutlet
    /// Bytes from which on no further call is answered with more than an error.
    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - bodyBytes: the body's, of which as many may be kept for calls that have not begun.
    ///   - isBatch: whether the body is a batch.
    ///   - tag: the body's, for the outlet.
    ///   - outlet: gets the answer.
    ///   - byteLimit: see ``byteLimit``.
    init(bodyBytes: Int, isBatch: Bool, tag: Int, outlet: any RPCOutlet, byteLimit: Int) {
        self.isBatch = isBatch
        self.tag = tag
        self.outlet = outlet
        self.byteLimit = byteLimit
        let change = state.withLock { $0.grow(by: bodyBytes) }
        if change != 0 { outlet.keep(change) }
    }

    /// Whether nobody would read the answer: the connection is gone.
    var isUnread: Bool { outlet.isOver }

    /// Fails where another call's answer is not to be made: nobody would read it, or there is too much already.
    func checkRoom() throws(RPCError) {
        guard !isUnread else { throw .internalError("the connection is gone") }
        guard state.withLock({ $0.bytes }) <= byteLimit else { throw Self.tooLarge }
    }

    static var tooLarge: RPCError {
        .limitExceeded("the answers of this batch are too large; ask for less")
    }

    /// How many more transactions the calls of the body may have in lists, of `count` together.
    func listable(of count: Int) -> Int { count - state.withLock { $0.listed } }

    /// Takes note of a list of transactions.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - bytes: what is kept for each until the answer is sent, beside the body.
    func list(_ count: Int, bytes: Int) {
        let change = state.withLock { state in
            state.listed += count
            return state.grow(by: count * bytes)
        }
        if change != 0 { outlet.keep(change) }
    }

    /// Adds a piece that is there already.
    func add(_ piece: ByteBuffer) {
        let change = state.withLock { state in
            state.pieces.append(piece)
            return state.grow(by: piece.readableBytes)
        }
        if change != 0 { outlet.keep(change) }
    }

    /// Makes room for pieces.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - bytes: what is kept for all of them until they are filled, beside the body.
    /// - Returns: the first one's number.
    func reserve(_ count: Int, bytes: Int = 0) -> Int {
        let (first, change) = state.withLock { state in
            state.missing += count
            state.pieces.append(contentsOf: repeatElement(nil, count: count))
            return (state.pieces.count - count, state.grow(by: bytes))
        }
        if change != 0 { outlet.keep(change) }
        return first
    }

    /// Puts a piece in its place; the last one sends the answer on its way.
    func fill(_ piece: Int, with bytes: ByteBuffer) {
        let (pieces, change): ([ByteBuffer?]?, Int) = state.withLock { state in
            state.pieces[piece] = bytes
            let pieces = state.oneFewerMissing()
            return (pieces, pieces == nil ? state.grow(by: bytes.readableBytes) : -state.counted)
        }
        if change != 0 { outlet.keep(change) }
        if let pieces { outlet.deliver(assemble(pieces), tag: tag) }
    }

    /// The body is walked: the answer if it is complete, else it is delivered later.
    func finishWalk() -> (isComplete: Bool, response: ByteBuffer?) {
        let (pieces, counted) = state.withLock { ($0.oneFewerMissing(), $0.counted) }
        guard let pieces else { return (false, nil) }
        if counted != 0 { outlet.keep(-counted) }
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
        id: RPCID?, to writer: inout JSONWriter,
        _ write: (inout JSONWriter) throws(RPCError) -> Void
    ) -> Bool {
        RPCResponse.write(id: id, inBatch: isBatch, to: &writer, write)
    }
}
