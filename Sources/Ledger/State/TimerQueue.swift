/// Something that time does, at most one for each owner.
public protocol QueuedTimer: Comparable {
    /// To which order, or to what else has a number.
    var owner: UInt64 { get }
}

/// The next timer of everything that has one, earliest first.
///
/// A heap with entries that may be out of date, and beside it what is true now.
public struct TimerQueue<Timer: QueuedTimer> {
    private var current: [UInt64: Timer] = [:]
    private var heap = MinHeap<Timer>()

    /// Makes an empty queue.
    public init() {}

    /// Says what time does to an owner next, nil for nothing.
    public mutating func set(_ timer: Timer?, of owner: UInt64) {
        current[owner] = timer
        guard let timer else { return }
        heap.insert(timer)
        if heap.count > 2 * current.count + 64 {
            heap = MinHeap()
            // Any order: a heap gives out the same one whatever order it was filled in.
            current.values.forEach { heap.insert($0) }
        }
    }

    /// Adds a timer found in the store.
    public mutating func set(_ timer: Timer) { set(timer, of: timer.owner) }

    /// The timer that fires next.
    public mutating func first() -> Timer? {
        while let timer = heap.first {
            if current[timer.owner] == timer { return timer }
            heap.removeFirst()
        }
        return nil
    }
}
