/// Elements in the order in which they were first added.
///
/// An order may have any number of sources, each of which is asked for before it is added, so that a long list
/// is looked up by hash.
struct DistinctList<Element: Hashable & Sendable>: Sendable {
    /// The elements.
    private(set) var elements: [Element] = []
    /// All of them, once there were many; else nothing.
    private var index: Set<Element> = []
    /// How many are looked through.
    private static var searchLimit: Int { 64 }

    /// Adds an element unless it is there.
    ///
    /// - Returns: whether it was added.
    mutating func add(_ element: Element) -> Bool {
        if index.isEmpty, elements.count >= Self.searchLimit { index = Set(elements) }
        let isNew =
            index.isEmpty ? !elements.contains(element) : index.insert(element).inserted
        if isNew { elements.append(element) }
        return isNew
    }

    /// Adds an element that is not there, as it was stored.
    mutating func append(stored element: Element) {
        elements.append(element)
        if !index.isEmpty { index.insert(element) }
    }

    /// Takes away what was added last.
    mutating func removeLast() {
        let element = elements.removeLast()
        if !index.isEmpty { index.remove(element) }
    }

    /// Takes the first ones away.
    mutating func removeFirst(_ count: Int) {
        elements.removeFirst(count)
        index = []
    }
}
