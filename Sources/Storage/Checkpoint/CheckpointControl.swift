import Foundation
import Synchronization

/// Steers a long reading of the state from another thread.
///
/// A fresh one lets the work use 40 % of a core: what it takes longer, blocks do not wait for.
public final class CheckpointControl: Sendable {
    private let cancelled = Atomic(false)
    private let hurried = Atomic(false)
    /// How much of a core the work may use, in percent.
    private let share: Int
    private let room: @Sendable () throws(StoreFault) -> Void

    /// Makes a control.
    ///
    /// - Parameters:
    ///   - share: percent of a core, 1 to 100.
    ///   - room: called before every stretch of what is written; a fault ends the work with it.
    public init(share: Int = 40, room: @escaping @Sendable () throws(StoreFault) -> Void = {}) {
        self.share = min(max(share, 1), 100)
        self.room = room
    }

    /// Ends the work soon, without a result.
    public func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Lets the work use a whole core from now on: the block that needs its result is near.
    public func hurry() { hurried.store(true, ordering: .relaxed) }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Rests for as long as a stretch of work asks for, and looks whether another one may follow.
    ///
    /// - Parameter started: when the stretch began, by ``now``.
    /// - Throws: ``StoreFault``: there is no room for more.
    func rest(since started: UInt64) throws(StoreFault) {
        try room()
        guard share < 100, !hurried.load(ordering: .relaxed) else { return }
        let worked = Self.now &- started
        // At most a tenth of a second, so that a cancellation or a hurry is heard soon.
        let rest = min(worked / UInt64(share) * UInt64(100 - share), 100_000_000)
        var time = timespec(tv_sec: 0, tv_nsec: Int(rest))
        nanosleep(&time, nil)
    }

    /// Nanoseconds on the monotonic clock.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
