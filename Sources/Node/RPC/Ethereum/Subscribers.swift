import Gateway

/// A subscription with a number, which it has before it can end.
struct Subscriber: Sendable {
    /// Higher than that of whoever asked earlier.
    let number: UInt64
    /// Where what is told goes.
    let subscription: RPCSubscription
}

/// A subscription to logs.
struct LogFeed: Sendable {
    let subscription: RPCSubscription
    let filter: LogFilter
}

/// Who is told of blocks, logs and events: each from when it subscribed until it ends.
///
/// Whoever subscribes, is refused or ends costs the same however many there are.
struct Subscribers: Sendable {
    private var byHeads: [UInt64: RPCSubscription] = [:]
    private var byLogs: [UInt64: LogFeed] = [:]
    private var byEvents: [UInt64: EventStream] = [:]
    /// Contracts and topics that those of logs and events name.
    private(set) var words = 0
    /// Contracts and topics of a filter that names little.
    private static let smallFilter = 8

    var count: Int { byHeads.count + byLogs.count + byEvents.count }

    /// Whether somebody is told each block or its logs.
    var wantBlocks: Bool { !byHeads.isEmpty || !byLogs.isEmpty }

    /// Whether somebody is told events.
    var wantEvents: Bool { !byEvents.isEmpty }

    // Those who subscribed first are told first.
    var heads: [RPCSubscription] { Self.inOrder(byHeads) }
    var logs: [LogFeed] { Self.inOrder(byLogs) }
    var streams: [EventStream] { Self.inOrder(byEvents) }

    private static func inOrder<Element>(_ elements: [UInt64: Element]) -> [Element] {
        elements.sorted { $0.key < $1.key }.map(\.value)
    }

    mutating func add(heads subscriber: Subscriber) {
        byHeads[subscriber.number] = subscriber.subscription
    }

    /// False if filters name too much.
    mutating func add(logs subscriber: Subscriber, _ filter: LogFilter, limit: Int) -> Bool {
        guard makeRoom(for: filter, limit) else { return false }
        byLogs[subscriber.number] = LogFeed(subscription: subscriber.subscription, filter: filter)
        return true
    }

    /// False if filters name too much.
    mutating func add(_ stream: EventStream, _ number: UInt64, limit: Int) -> Bool {
        guard makeRoom(for: stream.filter, limit) else { return false }
        byEvents[number] = stream
        return true
    }

    /// Counts what a filter names; false if that is too much.
    ///
    /// For one that names little there always is room, as there are only so many subscriptions: two clients that
    /// name as much as they may would leave nobody else any.
    private mutating func makeRoom(for filter: LogFilter, _ limit: Int) -> Bool {
        let size = filter.size
        guard words + size <= limit || size <= Self.smallFilter else { return false }
        words += size
        return true
    }

    /// Removes whoever has a number, if anybody has.
    mutating func remove(_ number: UInt64) {
        guard byHeads.removeValue(forKey: number) == nil else { return }
        let filter =
            byLogs.removeValue(forKey: number)?.filter
            ?? byEvents.removeValue(forKey: number)?.filter
        words -= filter?.size ?? 0
    }
}
