import Execution
import Gateway
import JSON
import Ledger
import Synchronization
import Threads

/// What goes to WebSocket clients without being asked for, and the threads that do it.
///
/// The thread that publishes blocks must not wait, so it only says that there is one. What is sent of blocks is
/// read from them when its turn comes: however far this is behind, nothing gathers.
final class Feeds: Sendable {
    private struct Contents: Sendable {
        var subscribers = Subscribers()
        /// Whether a look at the streams is ordered.
        var isPumping = false
        /// The first height that was not announced; nil while nobody wants to know.
        var next: UInt64?
        /// The last block that was published.
        var last: StoredBlock?
        /// Whether announcing is ordered.
        var isAnnouncing = false
    }

    private let contents = Locked(Contents())
    /// How many asked for a subscription.
    private let asked = Atomic<UInt64>(0)
    /// How many were answered at once of the last block of which somebody was told.
    private let answered = Locked((height: UInt64(0), count: 0))
    private static let answeredAtOnce = 4
    private let digests: BlockDigests
    private let wordLimit: Int
    /// For blocks and events, of which there may be very many.
    private let worker = Worker(named: "feeds")
    /// For those who wait for what became of their transaction.
    private let receipts = Worker(named: "receipts")
    private let timer = WaitTimer(named: "feeds-wait")
    /// Milliseconds until a client that had no room is looked at again.
    private static let pauseMillis: UInt64 = 20

    init(digests: BlockDigests, wordLimit: Int) {
        self.digests = digests
        self.wordLimit = wordLimit
        timer.start()
    }

    deinit {
        // The last reference may go on one of these threads, which cannot wait for itself.
        let (worker, receipts, timer) = (worker, receipts, timer)
        SystemThread(named: "feeds-end") {
            timer.stop()
            worker.stop()
            receipts.stop()
        }.letGo()
    }

    /// Runs a job that tells a client what became of a transaction.
    ///
    /// The thread that publishes blocks has better things to do than writing receipts. But to the first of a
    /// block it is faster to write them than to wake another thread.
    func answer(_ outcome: Awaited, _ job: @escaping @Sendable () -> Void) {
        guard case .found(let block, _) = outcome else { return receipts.submit(job) }
        let isFirst = answered.with { answered in
            if answered.height != block.header.height { answered = (block.header.height, 0) }
            answered.count += 1
            return answered.count <= Self.answeredAtOnce
        }
        if isFirst { job() } else { receipts.submit(job) }
    }

    // MARK: Subscribing

    /// Opens a subscription, of which nothing is left here once it has ended.
    ///
    /// - Throws: if the connection is no WebSocket or has too many subscriptions.
    func open(
        _ request: RPCRequest, notification: String = "eth_subscription"
    ) throws(RPCError) -> Subscriber {
        let number = asked.wrappingAdd(1, ordering: .relaxed).newValue
        let subscription = try request.subscribe(notification: notification) { [weak self] _ in
            self?.remove(number)
        }
        return Subscriber(number: number, subscription: subscription)
    }

    /// Sends every new block's head.
    func add(heads subscriber: Subscriber) {
        contents.with { $0.subscribers.add(heads: subscriber) }
        removeIfEnded(subscriber)
    }

    /// Sends new logs.
    ///
    /// - Throws: -32005 if filters name too much; the subscription has ended then.
    func add(logs subscriber: Subscriber, _ filter: LogFilter) throws(RPCError) {
        let hasRoom = contents.with {
            $0.subscribers.add(logs: subscriber, filter, limit: wordLimit)
        }
        guard hasRoom else { throw refusal(of: subscriber) }
        removeIfEnded(subscriber)
    }

    /// Sends events from a place on.
    ///
    /// - Throws: -32005 if filters name too much; the subscription has ended then.
    func add(
        events subscriber: Subscriber, _ filter: LogFilter, from cursor: EventCursor,
        _ context: RPCContext
    ) throws(RPCError) {
        let stream = EventStream(subscriber.subscription, filter, from: cursor)
        let hasRoom = contents.with {
            $0.subscribers.add(stream, subscriber.number, limit: wordLimit)
        }
        guard hasRoom else { throw refusal(of: subscriber) }
        removeIfEnded(subscriber)
        pump(context)
    }

    private func refusal(of subscriber: Subscriber) -> RPCError {
        subscriber.subscription.end()
        return .limitExceeded(
            "subscriptions name at most \(wordLimit) contracts and topics, all together")
    }

    /// Removes what ended before it was added, when there was nothing to remove.
    private func removeIfEnded(_ subscriber: Subscriber) {
        if !subscriber.subscription.isOpen { remove(subscriber.number) }
    }

    private func remove(_ number: UInt64) {
        contents.with { $0.subscribers.remove(number) }
    }

    /// Subscriptions that are here, and what they name.
    var load: (subscriptions: Int, words: Int) {
        contents.with { ($0.subscribers.count, $0.subscribers.words) }
    }

    // MARK: Sending

    /// Those who are there now; whoever keeps it lets the next who comes or goes copy it.
    private var subscribers: Subscribers { contents.with { $0.subscribers } }

    /// Takes note of a new block; called in the order of blocks.
    func published(_ block: StoredBlock, _ context: RPCContext) {
        let (announces, hasStreams) = contents.with { contents in
            let hasStreams = contents.subscribers.wantEvents
            guard contents.subscribers.wantBlocks else {
                contents.next = nil
                return (false, hasStreams)
            }
            contents.last = block
            contents.next = contents.next ?? block.header.height
            defer { contents.isAnnouncing = true }
            return (!contents.isAnnouncing, hasStreams)
        }
        if announces { worker.submit { [self] in announceNext(context) } }
        if hasStreams { pump(context) }
    }

    /// Announces one block, and orders the next, so that streams have their turn between two.
    private func announceNext(_ context: RPCContext) {
        let next: (height: UInt64, last: StoredBlock)? = contents.with { contents in
            guard let height = contents.next, let last = contents.last,
                height <= last.header.height
            else {
                contents.isAnnouncing = false
                contents.last = nil
                return nil
            }
            contents.next = height + 1
            return (height, last)
        }
        guard let (height, last) = next else { return }
        let block =
            height == last.header.height ? last : (try? context.block(at: height)) ?? nil
        do throws(DecodingFault) {
            if let block { try announce(block, context) } else { cutOff() }
        } catch {
            cutOff()
        }
        worker.submit { [self] in announceNext(context) }
    }

    /// Ends the connections of those who are told each block, where one cannot be read any more.
    private func cutOff() {
        for subscription in subscribers.heads + subscribers.logs.map(\.subscription) {
            subscription.cutOff()
        }
    }

    /// - Throws: ``DecodingFault`` if the stored bytes are damaged.
    private func announce(
        _ block: StoredBlock, _ context: RPCContext
    ) throws(DecodingFault) {
        let heads = subscribers.heads
        let logs = subscribers.logs
        if !heads.isEmpty {
            let digest = try digests.digest(of: block)
            var writer = JSONWriter(capacity: 2048)
            try BlockObject(digest: digest, chainID: context.node.genesis.chainID)
                .writeHead(to: &writer)
            for subscription in heads { subscription.send(writer) }
        }
        guard !logs.isEmpty else { return }
        // However many want logs, the block is read once, and a log is written once.
        let filter = logs.count == 1 ? logs[0].filter : LogFilter()
        _ = try LogQuery(context: context, filter: filter).visit(block) { found in
            let takers = logs.filter { $0.filter.matches(found.log) }
            guard !takers.isEmpty else { return true }
            var writer = JSONWriter(capacity: 1024)
            found.write(to: &writer)
            for feed in takers { feed.subscription.send(writer) }
            return true
        }
    }

    /// Lets every stream send what its client has room for.
    private func pump(_ context: RPCContext) {
        let order = contents.with { contents in
            defer { contents.isPumping = true }
            return !contents.isPumping
        }
        guard order else { return }
        worker.submit { [self] in
            contents.with { $0.isPumping = false }
            var isBehind = false
            var isPaused = false
            // One page each, so that a stream with much to catch up does not keep others waiting.
            for stream in subscribers.streams where stream.sendPage(context) {
                if stream.isFull(context) { isPaused = true } else { isBehind = true }
            }
            if isBehind {
                pump(context)
            } else if isPaused {
                timer.after(Self.pauseMillis) { [weak self] in self?.pump(context) }
            }
        }
    }
}
