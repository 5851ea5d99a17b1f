import Ledger

/// What the history store indexes of a block's logs: 64-bit names of contracts and topics.
///
/// A block with few different items is indexed by all of them. One with many, as under load, is indexed
/// by contracts and first topics only, and by ``dense``, which stands for all the others: an index entry
/// for each payee would cost more than the payment.
public enum LogItems {
    /// Stands for every topic but the first in a block that has too many of them.
    public static let dense: UInt64 = 0x6465_6e73_655f_5f31
    /// The most items of a block that is indexed by all of them, with what is repeated in spite of a glance.
    static let itemLimit = 1_024

    /// A contract that speaks in the block.
    public static func item(address: Address) -> UInt64 {
        mix(mix(mix(0x61, address.high), address.middle), UInt64(address.low))
    }

    /// A topic at one of the places 0 to 3.
    public static func item(topic: Hash32, position: Int) -> UInt64 {
        let seed = mix(mix(0x74 + UInt64(position), topic.parts.0), topic.parts.1)
        return mix(mix(seed, topic.parts.2), topic.parts.3)
    }

    /// Spreads bits; any change of the function needs a new index.
    private static func mix(_ seed: UInt64, _ value: UInt64) -> UInt64 {
        var word = (seed ^ value) &* 0x9e37_79b9_7f4a_7c15
        word = (word ^ (word >> 32)) &* 0xd6e8_feb8_6659_fd93
        return word ^ (word >> 29) ^ (seed << 1 | seed >> 63)
    }

    /// The items of a block in no particular order, most repetitions left out.
    public static func items(of block: StoredBlock) -> [UInt64] {
        var items = Items()
        for index in 0...block.transactions.count {
            guard let record = try? block.record(index) else { continue }
            for (tag, payload) in EffectReader(record.effects) {
                items.add(tag, payload)
            }
        }
        return items.all
    }

    private struct Items {
        /// Contracts and first topics.
        private var coarse = Gathered()
        /// Other topics, until there are too many.
        private var fine = Gathered()
        private var isDense = false
        private var families: Set<UInt64> = []

        var all: [UInt64] { coarse.items + (isDense ? [LogItems.dense] : fine.items) }

        mutating func add(_ tag: UInt8, _ payload: ArraySlice<UInt8>) {
            if isDense, let family = EffectLogs.family(tag: tag, payload: payload),
                !families.insert(family).inserted
            {
                return
            }
            for log in EffectLogs.logs(tag: tag, payload: payload) {
                coarse.add(LogItems.item(address: log.address))
                for (position, topic) in log.topics.enumerated() {
                    let item = LogItems.item(topic: topic, position: position)
                    if position == 0 { coarse.add(item) } else if !isDense { fine.add(item) }
                }
                if fine.items.count > LogItems.itemLimit {
                    isDense = true
                    fine = Gathered()
                }
            }
        }
    }

    /// Items but for those that a glance shows to be there already: a set would hash each of them.
    private struct Gathered {
        private(set) var items: [UInt64] = []
        /// The last item of each ending; at first one that never ends like that.
        private var lately = (0..<256).map { UInt64($0) ^ 1 }

        mutating func add(_ item: UInt64) {
            let place = Int(truncatingIfNeeded: item & 255)
            guard lately[place] != item else { return }
            lately[place] = item
            items.append(item)
        }
    }
}
