import NIOCore

/// The time by which a connection has to do something.
///
/// Moving it, which each request does, costs an assignment: the one timer that runs looks when it
/// fires whether the time has moved, and goes on for the rest.
struct ConnectionDeadline {
    private var time: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerTime = NIODeadline.distantFuture

    /// Moves the time; `fire` is called on the loop when it may have come, and asks ``hasCome(_:)``.
    mutating func set(
        _ time: NIODeadline, _ loop: any EventLoop, _ fire: @escaping @Sendable () -> Void
    ) {
        self.time = time
        guard timer == nil || time < timerTime else { return }
        timer?.cancel()
        timerTime = time
        timer = loop.scheduleTask(deadline: time, fire)
    }

    /// Nothing has to be done.
    mutating func clear() { time = nil }

    /// The timer has fired: whether the time has come.
    ///
    /// If it moved, the caller sets it again.
    mutating func hasCome(_ now: NIODeadline) -> (isDue: Bool, next: NIODeadline?) {
        timer = nil
        timerTime = .distantFuture
        guard let time else { return (false, nil) }
        return time <= now ? (true, nil) : (false, time)
    }

    mutating func cancel() {
        time = nil
        timer?.cancel()
        timer = nil
    }
}
