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
        var filters: [String: Filter] = [:]
        var uses: UInt64 = 0
        /// Contracts and topics that all filters name.
        var words = 0

        mutating func remove(_ id: String) -> Bool {
            guard let filter = filters.removeValue(forKey: id) else { return false }
            words -= filter.size
            return true
        }

        mutating func removeOldest() {
            let oldest = filters.min { $0.value.lastUse < $1.value.lastUse }
            if let oldest { _ = remove(oldest.key) }
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
            contents.uses += 1
            let filter = Filter(kind: kind, next: height, lastUse: contents.uses)
            contents.words += filter.size
            while !contents.filters.isEmpty,
                contents.filters.count >= limit || contents.words > wordLimit
            {
                contents.removeOldest()
            }
            contents.filters[id] = filter
        }
        return id
    }

    /// What a filter watches, nil if there is none of this id.
    func kind(of id: String) -> Kind? { use(id)?.kind }

    /// What a filter watches and from where on, nil if there is none of this id.
    func use(_ id: String) -> (kind: Kind, next: UInt64)? {
        contents.with { contents in
            guard var filter = contents.filters[id] else { return nil }
            contents.uses += 1
            filter.lastUse = contents.uses
            contents.filters[id] = filter
            return (filter.kind, filter.next)
        }
    }

    /// Notes that everything below a height was given.
    func advance(_ id: String, to height: UInt64) {
        contents.with { contents in
            guard let next = contents.filters[id]?.next, next < height else { return }
            contents.filters[id]?.next = height
        }
    }

    /// Removes a filter; false if there is none of this id.
    func remove(_ id: String) -> Bool {
        contents.with { $0.remove(id) }
    }
}
