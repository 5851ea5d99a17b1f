import Ledger

/// The orders that a cascade has yet to visit, by (level, id), each once.
struct CascadeSet {
    /// An order in the set.
    struct Entry: Comparable {
        let level: UInt16
        let order: Order

        static func == (left: Entry, right: Entry) -> Bool { left.order === right.order }

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.level != right.level ? left.level < right.level : left.order.id < right.order.id
        }
    }

    private var heap = MinHeap<Entry>()

    var isEmpty: Bool { heap.isEmpty }

    /// The order to visit next; it stays in the set.
    var first: Order? { heap.first?.order }

    /// Puts an order in, unless it is in already.
    @inline(__always)
    mutating func insert(_ order: Order) {
        guard !order.isPending else { return }
        order.isPending = true
        heap.insert(Entry(level: order.head.level, order: order))
    }

    /// Takes the order that is visited out.
    mutating func removeFirst() {
        heap.first?.order.isPending = false
        heap.removeFirst()
    }

    /// Takes all out, in the order in which they would be visited.
    mutating func removeAll() -> [UInt64] {
        let entries = heap.unsorted.sorted()
        heap.removeAll()
        for entry in entries { entry.order.isPending = false }
        return entries.map(\.order.id)
    }
}
