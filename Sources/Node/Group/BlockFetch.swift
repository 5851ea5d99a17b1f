import Consensus
import Execution
import Ledger
import Logging
import Replica
import Threads

/// Fetches blocks that this node lacks and hands them to the executor, on the thread that waits for them.
///
/// The rules are ``CatchUp``'s.
final class BlockFetch: Sendable {
    private enum Event: Sendable {
        case answer(NodeID, number: UInt64, PeerReply?)
        case reached(NodeID)
        case stop
    }

    private let chainID: UInt64
    private let group: Group
    private let logger: Logger
    private let events = Locked([Event]())
    /// Whether events are waited for.
    private let isRunning = Locked(false)
    /// How many questions were asked.
    private let questions = Locked(UInt64(0))

    init(chainID: UInt64, group: Group, logger: Logger) {
        self.chainID = chainID
        self.group = group
        self.logger = logger
    }

    /// Hears that a peer can be asked again.
    func reached(_ peer: NodeID) {
        guard isRunning.with({ $0 }) else { return }
        events.withSignal { $0.append(.reached(peer)) }
    }

    /// Lets a fetch that is under way end without success.
    func stop() { events.withSignal { $0.append(.stop) } }

    /// How a fetch ended.
    enum Outcome: Equatable {
        /// Everything is executed.
        case done
        /// The node is stopping, or has halted.
        case ended
        /// No peer keeps the next block any more.
        case needsCheckpoint
    }

    /// Fetches and executes the blocks up to a height.
    ///
    /// - Parameters:
    ///   - target: the last height wanted.
    ///   - header: the hash of its header.
    ///   - executor: executes the blocks; called on this thread.
    /// - Returns: how it ended.
    func run(to target: UInt64, header: Hash32, by executor: Executor) -> Outcome {
        isRunning.with { $0 = true }
        defer {
            isRunning.with { $0 = false }
            events.with { events in
                events.removeAll { if case .stop = $0 { false } else { true } }
            }
        }
        let standing = executor.standing
        logger.notice(
            "fetching blocks from the peers",
            metadata: ["from": "\(standing.tip.height + 1)", "to": "\(target)"])
        var catchUp = CatchUp(
            chainID: chainID, tip: (standing.tip.height, standing.tip.header), set: standing.set,
            target: (target, header), peers: group.peers)
        var actions = catchUp.proceed(at: monotonicMillis())
        // The number of the last question to each peer. One that is connected anew is asked again, and should
        // it answer the earlier question too, that would be taken for a wrong answer to the later one.
        var owed: [NodeID: UInt64] = [:]
        while !catchUp.isDone {
            if actions.isEmpty {
                switch next(before: catchUp.deadline) {
                case nil: actions = catchUp.proceed(at: monotonicMillis())
                case .answer(let peer, let number, _)? where owed[peer] != number: break
                case .answer(let peer, _, .blocks(let blocks, let oldest))?:
                    actions = catchUp.received(
                        blocks, oldest: oldest, from: peer, at: monotonicMillis())
                case .answer(let peer, _, _)?: actions = catchUp.failed(peer, at: monotonicMillis())
                case .reached(let peer)?: actions = catchUp.returned(peer, at: monotonicMillis())
                case .stop?: return .ended
                }
                continue
            }
            switch actions.removeFirst() {
            case .request(let range, let peer):
                owed[peer] = ask(peer, for: range)
            case .execute(let blocks):
                guard executor.execute(blocks) else { return .ended }
                let standing = executor.standing
                actions += catchUp.executed(
                    standing.tip.height, set: standing.set, at: monotonicMillis())
                group.update(standing.set, at: standing.tip.height)
            case .needsCheckpoint: return .needsCheckpoint
            case .blame(let peer, let why):
                logger.warning(
                    "a peer's blocks are refused", metadata: ["bank": "\(peer)", "why": "\(why)"])
            }
        }
        logger.notice("caught up", metadata: ["height": "\(target)"])
        return .done
    }

    /// - Returns: the question's number.
    private func ask(_ peer: NodeID, for range: ClosedRange<UInt64>) -> UInt64 {
        let number = questions.with { questions in
            questions += 1
            return questions
        }
        let limits = CatchUp.Limits()
        group.requests.ask(
            .blocks(range, bytes: 8 << 20), of: peer, timeoutMillis: limits.patienceMillis
        ) { [self] reply in
            events.withSignal { $0.append(.answer(peer, number: number, reply)) }
        }
        return number
    }

    /// The next event; nil when the deadline comes first.
    private func next(before deadline: UInt64?) -> Event? {
        events.wait { events -> Waiting<Event?> in
            if !events.isEmpty { return .done(events.removeFirst()) }
            guard let deadline else { return .again(1_000) }
            let now = monotonicMillis()
            return now >= deadline ? .done(nil) : .again(deadline - now)
        }
    }
}
