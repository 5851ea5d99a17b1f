import Ledger

/// Which logs somebody wants: contracts, and topics by place.
struct LogFilter: Hashable, Sendable {
    /// The contracts; empty for all.
    var addresses: [Address] = []
    /// For each of the first places its topics, empty for any; at most four.
    var topics: [[Hash32]] = []
    /// Of each of these groups at least one word must be a topic, at any place but the first.
    var anywhere: [[Hash32]] = []

    /// How many contracts and words it names.
    var size: Int {
        addresses.count + topics.reduce(0) { $0 + $1.count } + anywhere.reduce(0) { $0 + $1.count }
    }

    /// Whether a log is wanted.
    func matches(_ log: Log) -> Bool {
        guard addresses.isEmpty || addresses.contains(log.address),
            topics.count <= log.topics.count
        else { return false }
        return zip(topics, log.topics).allSatisfy { wanted, topic in
            wanted.isEmpty || wanted.contains(topic)
        } && anywhere.allSatisfy { $0.contains(where: log.topics.dropFirst().contains) }
    }

    /// Whether a log of these contracts and first topics could be wanted, whatever its other topics.
    func mayMatch(_ log: Log) -> Bool {
        guard addresses.isEmpty || addresses.contains(log.address) else { return false }
        guard let wanted = topics.first, !wanted.isEmpty else { return true }
        return log.topics.first.map(wanted.contains) ?? false
    }

    /// What to ask the index: of each group a block must have one item.
    var items: [[UInt64]] {
        var groups: [[UInt64]] = []
        if !addresses.isEmpty { groups.append(addresses.map(LogItems.item(address:))) }
        for (position, wanted) in topics.enumerated() where !wanted.isEmpty {
            let items = wanted.map { LogItems.item(topic: $0, position: position) }
            groups.append(position == 0 ? items : items + [LogItems.dense])
        }
        for words in anywhere {
            let items = words.flatMap { word in
                (1...3).map { LogItems.item(topic: word, position: $0) }
            }
            groups.append(items + [LogItems.dense])
        }
        return groups
    }
}
