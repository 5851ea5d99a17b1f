/// Elements in the order in which they came, in a ring that grows.
///
/// Whoever takes an element has it alone: its place keeps nothing of it.
package struct Queue<Element> {
    /// As many as a power of two, or none; nil where nothing waits.
    @usableFromInline var places: [Element?] = []
    /// The place of the next element.
    @usableFromInline var first = 0
    @usableFromInline var waiting = 0

    /// How many elements wait.
    @inlinable
    package var count: Int { waiting }

    @inlinable
    package init() {}

    /// Whether nothing waits.
    @inlinable
    package var isEmpty: Bool { waiting == 0 }

    /// Puts an element behind all others.
    @inlinable
    package mutating func append(_ element: consuming Element) {
        if waiting == places.count { grow() }
        places[(first + waiting) & (places.count - 1)] = element
        waiting += 1
    }

    /// Takes the element that waits longest, nil if none does.
    @inlinable
    package mutating func popFirst() -> Element? {
        guard waiting > 0 else { return nil }
        defer {
            first = (first + 1) & (places.count - 1)
            waiting -= 1
        }
        return places[first].take()
    }

    @usableFromInline
    mutating func grow() {
        var grown = Array(places[first...] + places[..<first])
        grown.append(contentsOf: repeatElement(nil, count: max(grown.count, 1)))
        places = grown
        first = 0
    }
}
