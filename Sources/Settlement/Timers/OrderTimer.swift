import Ledger

/// What a timer is about; the numbers are the order in which timers of one time fire.
enum TimerKind: UInt8, Comparable, Sendable {
    /// An order with a guarantee is due.
    case dueDate
    /// A gate with enough passes can be met from now on.
    case opening
    /// A gate's deadline.
    case deadline
    /// The arbiter's time is over.
    case arbitrationEnd

    static func < (left: TimerKind, right: TimerKind) -> Bool { left.rawValue < right.rawValue }
}

/// The next thing that time does to an order.
///
/// Each order has at most one; the next one is known when it
/// has fired.
struct OrderTimer: Hashable, Sendable, QueuedTimer {
    /// In seconds.
    let time: UInt64
    let order: UInt64
    let kind: TimerKind
    /// The gate's index; 0 for a due date.
    let gate: UInt8

    var owner: UInt64 { order }

    static func < (left: OrderTimer, right: OrderTimer) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.order != right.order { return left.order < right.order }
        if left.kind != right.kind { return left.kind < right.kind }
        return left.gate < right.gate
    }
}
