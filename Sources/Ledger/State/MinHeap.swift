/// A binary heap, smallest first.
///
/// Equal elements are indistinguishable, so that its inner order never reaches a result.
@frozen
public struct MinHeap<Element: Comparable> {
    @usableFromInline var elements: ContiguousArray<Element> = []

    /// Makes an empty heap.
    @inlinable
    public init() {}

    /// How many elements there are.
    @inlinable public var count: Int { elements.count }
    /// The smallest one.
    @inlinable public var first: Element? { elements.first }
    /// What it holds, in no order that means anything.
    @inlinable public var unsorted: ContiguousArray<Element> { elements }
    /// Whether there is none.
    @inlinable public var isEmpty: Bool { elements.isEmpty }

    /// Puts an element in.
    @inlinable
    public mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard elements[child] < elements[parent] else { break }
            elements.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the smallest one out; there must be one.
    @inlinable
    public mutating func removeFirst() {
        elements.swapAt(0, elements.count - 1)
        elements.removeLast()
        var parent = 0
        while true {
            var least = parent
            let left = 2 * parent + 1
            let right = left + 1
            if left < elements.count, elements[left] < elements[least] { least = left }
            if right < elements.count, elements[right] < elements[least] { least = right }
            guard least != parent else { break }
            elements.swapAt(least, parent)
            parent = least
        }
    }

    /// Takes all out and keeps the memory.
    @inlinable
    public mutating func removeAll() { elements.removeAll(keepingCapacity: true) }
}
