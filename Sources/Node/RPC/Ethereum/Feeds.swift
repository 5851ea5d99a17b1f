import Execution
import Gateway
import Ledger

/// What goes to WebSocket clients without being asked for, and the thread that does it.
///
/// Blocks are announced on the thread that publishes them, which must not wait; everything else
/// happens here.
final class Feeds: Sendable {
    /// A subscription to logs.
    private struct LogFeed: Sendable {
        let subscription: RPCSubscription
        let filter: LogFilter
    }

    private struct Contents: Sendable {
        var heads: [RPCSubscription] = []
        var logs: [LogFeed] = []
        var streams: [EventStream] = []
        /// Whether a look at the streams is ordered.
        var isPumping = false
    }

    private let contents = Locked(Contents())
    /// How many were answered at once of the last block of which somebody was told.
    private let answered = Locked((height: UInt64(0), count: 0))
    private static let answeredAtOnce = 4
    private let digests: BlockDigests
    private let worker = Worker()
    private let timer = WaitTimer()
    /// Milliseconds until a client that had no room is looked at again.
    private static let pauseMillis: UInt64 = 20

    init(node: Node, digests: BlockDigests) {
        self.digests = digests
        timer.start()
    }

    deinit {
        // The last reference may go on one of these threads, which cannot wait for itself.
        let (worker, timer) = (worker, timer)
        _ = startThread {
            timer.stop()
            worker.stop()
        }
    }

    /// Runs a job that tells a client what became of a transaction.
    ///
    /// The thread that publishes blocks has better things to do than writing receipts. But to the first of a
    /// block it is faster to write them than to wake another thread.
    func answer(_ outcome: Awaited, _ job: @escaping @Sendable () -> Void) {
        guard case .found(let block, _) = outcome else { return worker.submit(job) }
        let isFirst = answered.with { answered in
            if answered.height != block.header.height { answered = (block.header.height, 0) }
            answered.count += 1
            return answered.count <= Self.answeredAtOnce
        }
        if isFirst { job() } else { worker.submit(job) }
    }

    // MARK: Subscribing

    /// Sends every new block's head.
    func add(heads subscription: RPCSubscription) {
        contents.with { $0.heads.append(subscription) }
    }

    /// Sends new logs.
    func add(logs subscription: RPCSubscription, _ filter: LogFilter) {
        contents.with { $0.logs.append(LogFeed(subscription: subscription, filter: filter)) }
    }

    /// Sends events from a place on.
    func add(_ stream: EventStream, _ context: RPCContext) {
        contents.with { $0.streams.append(stream) }
        pump(context)
    }

    // MARK: Sending

    /// Takes note of a new block; called in the order of blocks.
    func published(_ block: StoredBlock, _ context: RPCContext) {
        let (isWanted, hasStreams) = contents.with {
            (!$0.heads.isEmpty || !$0.logs.isEmpty, !$0.streams.isEmpty)
        }
        if isWanted { worker.submit { [self] in announce(block, context) } }
        if hasStreams { pump(context) }
    }

    private func announce(_ block: StoredBlock, _ context: RPCContext) {
        let (heads, logs) = contents.with { contents in
            contents.heads.removeAll { !$0.isOpen }
            contents.logs.removeAll { !$0.subscription.isOpen }
            return (contents.heads, contents.logs)
        }
        if !heads.isEmpty, let digest = try? digests.digest(of: block) {
            var writer = JSONWriter(capacity: 2048)
            if (try? BlockObject(digest: digest, chainID: context.node.genesis.chainID)
                .writeHead(to: &writer)) != nil
            {
                for subscription in heads { subscription.send(writer) }
            }
        }
        for feed in logs {
            let query = LogQuery(context: context, filter: feed.filter)
            _ = try? query.visit(block) { found in
                var writer = JSONWriter(capacity: 1024)
                found.write(to: &writer)
                return feed.subscription.send(writer)
            }
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
            let streams = contents.with { contents in
                contents.isPumping = false
                contents.streams.removeAll { !$0.subscription.isOpen }
                return contents.streams
            }
            var isBehind = false
            var isPaused = false
            // One page each, so that a stream with much to catch up does not keep others waiting.
            for stream in streams where stream.sendPage(context) {
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
