import JSON
import NIOCore
import Synchronization

/// One call of a run, with the way to answer it.
public struct RPCCall: Sendable {
    /// What is asked.
    public let request: RPCRequest
    /// Where the answer goes.
    public let reply: RPCReply
    let workers: RPCWorkers

    /// Whether the server's workers take another job of this connection.
    public var hasRoom: Bool { workers.hasRoom(for: request.session.caller) }

    /// Runs a job on the server's worker threads, as a method that is offloaded: the clients take turns.
    ///
    /// To be asked for room first. A server that is stopping drops the job.
    public func offload(_ job: @escaping @Sendable () -> Void) {
        workers.submit(of: request.session.caller, job)
    }

    /// The one parameter of `dip_sendTransactions`: an array of data.
    ///
    /// An element may be as short as `"0x"`, and what becomes of it is kept until the whole body is answered: so the
    /// calls of a body have at most `count` of them together, and each counts from now on as kept.
    ///
    /// - Throws: as ``RPCRequest/rawTransactions(limit:count:)``; -32005 where the answers of the body are too large
    ///   already, -32603 where the connection is gone.
    public func rawTransactions(
        limit: Int = 512 * 1024, count: Int = 10_000
    ) throws(RPCError) -> [[UInt8]] {
        try reply.exchange.checkRoom()
        let list = try request.rawTransactions(
            limit: limit, count: reply.exchange.listable(of: count), ofBody: count)
        reply.exchange.list(list.count, bytes: Self.listedBytes)
        return list
    }

    /// About what one of a list takes until the answer is sent: what is known of it, and its answer.
    private static let listedBytes = 512
}

/// The place for the answer to one call; takes one answer, from any thread.
///
/// A second answer is ignored. A reply that is dropped without an answer answers with an internal
/// error, so that no caller waits for ever.
public final class RPCReply: Sendable {
    let exchange: RPCExchange
    let piece: Int
    let entry: RPCMethodEntry
    /// The call's; nil for a notification, whose answer goes nowhere.
    let id: RPCID?
    let started: NIODeadline
    private let isAnswered = Atomic<Bool>(false)

    init(exchange: RPCExchange, piece: Int, entry: RPCMethodEntry, id: RPCID?) {
        self.exchange = exchange
        self.piece = piece
        self.entry = entry
        self.id = id
        started = .now()
    }

    deinit {
        guard !isAnswered.load(ordering: .relaxed) else { return }
        // What is dropped with its connection is neither an answer nor an error of the method.
        guard !exchange.isUnread else {
            entry.dropped()
            return exchange.fill(piece, with: ByteBuffer())
        }
        failure(.internalError("\(entry.method.name) gave no answer"))
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

    /// Fails where a long answer is not to be made: nobody would read it, or the body's are too large together already.
    public func checkRoom() throws(RPCError) { try exchange.checkRoom() }

    /// Answers with what `write` writes or throws; false if there was an answer already.
    @discardableResult
    public func answer(_ write: (inout JSONWriter) throws(RPCError) -> Void) -> Bool {
        guard !isAnswered.exchange(true, ordering: .relaxed) else { return false }
        var writer = JSONWriter(capacity: 128)
        let failed = exchange.write(id: id, to: &writer, write)
        // Nobody is there to whom the method could have failed.
        if failed, exchange.isUnread {
            entry.dropped()
        } else {
            entry.finished(started, failed: failed)
        }
        exchange.fill(piece, with: ByteBuffer(writer))
        return true
    }
}

/// Where the finished answers to bodies and the notifications of subscriptions go.
///
/// Any thread.
package protocol RPCOutlet: AnyObject, Sendable {
    /// Takes the answer to body `tag`; nil if it consisted of notifications.
    func deliver(_ response: ByteBuffer?, tag: Int)
    /// Whether the connection is gone, so that nobody would read an answer.
    var isOver: Bool { get }
    /// Whose the present request is.
    var client: ClientAddress { get }
    /// What of the caller's transactions may still be refused; nil without a bound.
    var refusals: RefusalBudget? { get }
    /// More bytes are kept for the caller, or fewer where `change` is negative.
    func keep(_ change: Int)
    /// The session's feed has something to do.
    func signal(_ signal: SubscriptionFeed.Signal)
}

extension RPCOutlet {
    /// Whose turn the present request takes.
    var caller: RPCCaller {
        RPCCaller(client, connection: UInt(bitPattern: ObjectIdentifier(self)))
    }
}
