/// The next timer of every order that has one, earliest first.
///
/// A heap with entries that may be out of date, and beside it what is true now.
struct TimerQueue {
    private var current: [UInt64: OrderTimer] = [:]
    private var heap = MinHeap<OrderTimer>()

    /// How many orders have a timer.
    var count: Int { current.count }

    /// Says what time does to an order next, nil for nothing.
    mutating func set(_ timer: OrderTimer?, of order: UInt64) {
        current[order] = timer
        guard let timer else { return }
        heap.insert(timer)
        if heap.count > 2 * current.count + 64 {
            heap = MinHeap()
            // Any order: a heap gives out the same one whatever order it was filled in.
            current.values.forEach { heap.insert($0) }
        }
    }

    /// Adds a timer found in the store.
    mutating func set(_ timer: OrderTimer) { set(timer, of: timer.order) }

    /// The timer that fires next.
    mutating func first() -> OrderTimer? {
        while let timer = heap.first {
            if current[timer.order] == timer { return timer }
            heap.removeFirst()
        }
        return nil
    }
}

/// A binary heap, smallest first.
///
/// Equal elements are indistinguishable, so that its inner order never
/// reaches a result.
struct MinHeap<Element: Comparable> {
    private var elements: ContiguousArray<Element> = []

    var count: Int { elements.count }
    var first: Element? { elements.first }
    var isEmpty: Bool { elements.isEmpty }
    /// What it holds, in no order.
    var unsorted: ContiguousArray<Element> { elements }

    mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { break }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() {
        elements.swapAt(0, elements.count - 1)
        elements.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < elements.count && elements[child] < elements[least] { least = child }
            guard least != parent else { break }
            elements.swapAt(least, parent)
            parent = least
        }
    }

    mutating func removeAll() { elements.removeAll(keepingCapacity: true) }
}
