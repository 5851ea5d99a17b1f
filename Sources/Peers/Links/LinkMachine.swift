/// When to dial, to wait and to change over: the states of the way to one peer on one lane.
///
/// Connections are known by numbers; what is said about one that is no longer known is passed over.
package struct LinkMachine: Sendable {
    enum Phase: Equatable, Sendable {
        /// Not started.
        case idle
        /// For the time to dial again.
        case waiting
        /// On the way; with `keepsQueue` frames wait for it, as for the successor in a renewal.
        case dialing(Int, keepsQueue: Bool)
        /// Frames flow.
        case open(Int)
        /// Frames flow, and a successor with a newer certificate is on its way.
        case renewing(Int, successor: Int)
        /// The successor stands ready; what was begun on the old one is brought to its end.
        case draining(Int, successor: Int)
        /// The old one is brought to its end, and the successor was lost.
        case ending(Int)
        /// Over.
        case stopped
    }

    package enum Action: Equatable, Sendable {
        /// Make a connection of this number.
        case dial(Int)
        /// Come back after so many milliseconds.
        case wait(Int64)
        /// Introduce ourselves; the other end now takes this connection for the newest.
        case sayHello(Int)
        /// Finish what was begun, then close.
        case drain(Int)
        /// Close.
        case end(Int)
        /// Frames may flow on this connection; `isNew` if there was none before.
        case flow(Int, isNew: Bool)
        /// What was queued is lost.
        case lose
        /// The renewal is over, one way or the other.
        case finishRenewal
    }

    private(set) var phase = Phase.idle
    private var backoff: Backoff
    private var lastNumber = 0
    private let drainMillis: Int64
    /// A connection that did not last so long is not dialed again at once.
    static let workingMillis: Int64 = 1_000

    package init(redialMillis: ClosedRange<Int64>, drainMillis: Int64) {
        backoff = Backoff(redialMillis)
        self.drainMillis = drainMillis
    }

    /// Whether a connection that was asked for is still wanted.
    func expects(_ number: Int) -> Bool {
        switch phase {
        case .dialing(number, _), .renewing(_, number): true
        default: false
        }
    }

    /// Begins.
    package mutating func start() -> [Action] {
        guard phase == .idle else { return [] }
        return dial()
    }

    /// The time has come.
    package mutating func timeOut() -> [Action] {
        switch phase {
        case .waiting: return dial()
        case .draining(let old, let successor):
            phase = .dialing(successor, keepsQueue: false)
            return [.end(old), .lose, .finishRenewal, .sayHello(successor)]
        default: return []
        }
    }

    /// The other end has accepted our certificate.
    package mutating func ready(_ number: Int) -> [Action] {
        switch phase {
        case .dialing(number, _): return [.sayHello(number)]
        case .renewing(let old, number):
            phase = .draining(old, successor: number)
            return [.drain(old), .wait(drainMillis)]
        default: return []
        }
    }

    /// Both ends have introduced themselves.
    package mutating func opened(_ number: Int) -> [Action] {
        guard case .dialing(number, let keepsQueue) = phase else { return [] }
        phase = .open(number)
        return [.flow(number, isNew: !keepsQueue)] + (keepsQueue ? [.finishRenewal] : [])
    }

    /// A connection is over, or was never made.
    ///
    /// - Parameters:
    ///   - number: which.
    ///   - lastedMillis: how long frames flowed on it.
    ///   - isDrained: whether all that was begun on it was sent, as asked.
    ///   - random: any number, for the wait.
    /// - Returns: what to do.
    package mutating func ended(
        _ number: Int, lastedMillis: Int64, isDrained: Bool = false, random: UInt64
    ) -> [Action] {
        switch phase {
        case .dialing(number, let keepsQueue):
            return (keepsQueue ? [.lose, .finishRenewal] : []) + wait(random)
        case .open(number), .ending(number):
            return [.lose] + again(lastedMillis, random)
        case .renewing(number, let successor):
            phase = .dialing(successor, keepsQueue: false)
            return [.lose, .finishRenewal]
        case .renewing(let old, number):
            phase = .open(old)
            return [.finishRenewal]
        case .draining(number, let successor):
            phase = .dialing(successor, keepsQueue: isDrained)
            return (isDrained ? [] : [.lose, .finishRenewal]) + [.sayHello(successor)]
        case .draining(let old, number):
            phase = .ending(old)
            return [.finishRenewal]
        default: return []
        }
    }

    /// The peer was heard of: it can be reached, so there is nothing to wait for.
    package mutating func heard() -> [Action] { phase == .waiting ? dial() : [] }

    /// There is a newer certificate.
    package mutating func renew() -> [Action] {
        guard case .open(let old) = phase else { return [.finishRenewal] }
        lastNumber += 1
        phase = .renewing(old, successor: lastNumber)
        return [.dial(lastNumber)]
    }

    /// Nothing more.
    package mutating func stop() -> [Action] {
        defer { phase = .stopped }
        switch phase {
        case .idle, .waiting, .stopped: return []
        case .dialing(let number, keepsQueue: true):
            return [.end(number), .lose, .finishRenewal]
        case .dialing(let number, keepsQueue: false): return [.end(number)]
        case .open(let number), .ending(let number): return [.end(number), .lose]
        case .renewing(let old, let successor), .draining(let old, let successor):
            return [.end(old), .end(successor), .lose, .finishRenewal]
        }
    }

    private mutating func dial() -> [Action] {
        lastNumber += 1
        phase = .dialing(lastNumber, keepsQueue: false)
        return [.dial(lastNumber)]
    }

    private mutating func wait(_ random: UInt64) -> [Action] {
        phase = .waiting
        return [.wait(backoff.next(random))]
    }

    private mutating func again(_ lastedMillis: Int64, _ random: UInt64) -> [Action] {
        guard lastedMillis >= Self.workingMillis else { return wait(random) }
        backoff.reset()
        return dial()
    }
}
