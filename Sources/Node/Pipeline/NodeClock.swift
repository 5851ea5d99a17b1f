import Glibc
import Ledger
import Synchronization

/// The time that a leader gives to the bodies it cuts.
final class NodeClock: Sendable {
    private let isManual: Bool
    /// The latest time that a manual clock shows, and that a genesis may have.
    static let latestMillis: UInt64 = 1 << 50
    /// The time of a manual clock.
    private let manualMillis: Atomic<UInt64>

    /// A clock that follows the machine's.
    static func system() -> NodeClock { NodeClock(manualFrom: nil) }

    /// A clock that stands still until it is advanced; development chains only.
    init(manualFrom millis: UInt64?) {
        isManual = millis != nil
        manualMillis = Atomic(millis ?? 0)
    }

    /// How far times may be ahead of this clock, since no two clocks are the same.
    static let toleranceMillis: UInt64 = 2_000

    /// Whether the clock is driven by hand.
    var isDrivenByHand: Bool { isManual }

    /// Milliseconds since 1970.
    var nowMillis: UInt64 {
        if isManual { return manualMillis.load(ordering: .relaxed) }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }

    /// Whether a body that another leads with may be taken into the log.
    ///
    /// Its time must not be more than ``toleranceMillis`` ahead of this clock. What cannot be read is not for the
    /// clock to refuse.
    func accepts(_ body: [UInt8]) -> Bool {
        guard !isManual, let time = Body.timeMillis(of: body) else { return true }
        return time <= nowMillis + Self.toleranceMillis
    }

    /// Moves a manual clock on.
    /// - Returns: the new time, or nil if the clock is not manual or would leave its range.
    func advance(seconds: UInt64) -> UInt64? {
        guard isManual, seconds <= 1 << 40 else { return nil }
        var before = manualMillis.load(ordering: .relaxed)
        while true {
            let (after, isTooLate) = before.addingReportingOverflow(seconds * 1000)
            guard !isTooLate, after <= Self.latestMillis else { return nil }
            let (isDone, now) = manualMillis.compareExchange(
                expected: before, desired: after, ordering: .relaxed)
            if isDone { return after }
            before = now
        }
    }

    /// Sets a manual clock to at least a time.
    func catchUp(to millis: UInt64) {
        if isManual, manualMillis.load(ordering: .relaxed) < millis {
            manualMillis.store(millis, ordering: .relaxed)
        }
    }
}
