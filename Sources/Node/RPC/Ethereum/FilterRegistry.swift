import Threads

/// Filters that clients have installed; the one that was unused longest goes when there are too many.
final class FilterRegistry: Sendable {
    /// What a filter watches.
    enum Kind: Sendable {
        case blocks
        case logs(LogParameter)
    }

    private struct Filter {
        let kind: Kind
        /// The first height that was not given yet.
        var next: UInt64
        var lastUse: UInt64

        /// How many contracts and topics it names.
        var size: Int {
            if case .logs(let parameter) = kind { parameter.filter.size } else { 0 }
        }
    }

    private struct Contents {
        private(set) var filters: [String: Filter] = [:]
        /// Contracts and topics that all filters name.
        private(set) var words = 0
        /// Uses in their order; only the last one of a filter that is still there says anything.
        private(set) var uses: [(id: String, number: UInt64)] = []
        /// How many of them have been passed over.
        private var passed = 0
        private var lastUse: UInt64 = 0

        mutating func add(_ id: String, _ kind: Kind, from height: UInt64) {
            let filter = Filter(kind: kind, next: height, lastUse: 0)
            words += filter.size
            filters[id] = filter
            _ = use(id)
        }

        mutating func use(_ id: String) -> Filter? {
            guard let filter = filters[id] else { return nil }
            lastUse += 1
            filters[id]?.lastUse = lastUse
            uses.append((id, lastUse))
            // What says nothing any more goes once it is most of it, so that each use pays for a few others.
            if uses.count > 2 * filters.count + 64 {
                uses = uses[passed...].filter { filters[$0.id]?.lastUse == $0.number }
                passed = 0
            }
            return filter
        }

        mutating func advance(_ id: String, to height: UInt64) {
            guard let next = filters[id]?.next, next < height else { return }
            filters[id]?.next = height
        }

        mutating func remove(_ id: String) -> Bool {
            guard let filter = filters.removeValue(forKey: id) else { return false }
            words -= filter.size
            return true
        }

        mutating func removeOldest() {
            while passed < uses.count {
                let (id, number) = uses[passed]
                passed += 1
                guard filters[id]?.lastUse == number else { continue }
                _ = remove(id)
                return
            }
        }
    }

    private let contents = Locked(Contents())
    private let limit: Int
    private let wordLimit: Int

    init(limit: Int, wordLimit: Int) {
        self.limit = limit
        self.wordLimit = wordLimit
    }

    /// Installs a filter for what happens from a height on.
    /// - Returns: its id, which others cannot guess.
    func add(_ kind: Kind, from height: UInt64) -> String {
        let id = "0x" + String(UInt128.random(in: 1 << 124...UInt128.max), radix: 16)
        contents.with { contents in
            contents.add(id, kind, from: height)
            // The new one stays, whatever it names.
            while contents.filters.count > 1,
                contents.filters.count > limit || contents.words > wordLimit
            {
                contents.removeOldest()
            }
        }
        return id
    }

    /// What a filter watches, nil if there is none of this id.
    func kind(of id: String) -> Kind? { use(id)?.kind }

    /// What a filter watches and from where on, nil if there is none of this id.
    func use(_ id: String) -> (kind: Kind, next: UInt64)? {
        contents.with { $0.use(id).map { ($0.kind, $0.next) } }
    }

    /// Notes that everything below a height was given.
    func advance(_ id: String, to height: UInt64) {
        contents.with { $0.advance(id, to: height) }
    }

    /// Filters that are here, and uses that are remembered of them.
    var load: (filters: Int, uses: Int) { contents.with { ($0.filters.count, $0.uses.count) } }

    /// Removes a filter; false if there is none of this id.
    func remove(_ id: String) -> Bool {
        contents.with { $0.remove(id) }
    }
}
