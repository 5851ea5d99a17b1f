import Ledger

/// Ethereum's 2,048-bit filter over the contracts and topics of logs.
struct LogBloom: Equatable, Sendable {
    /// The filter, 256 bytes.
    private(set) var bytes = [UInt8](repeating: 0, count: 256)
    private var addresses: Set<Address> = []
    private var topics: Set<Hash32> = []

    /// Over no logs.
    init() {}

    /// Over logs.
    init(_ logs: some Sequence<Log>) {
        for log in logs { add(log) }
    }

    /// Adds a log.
    ///
    /// What was added before costs a look-up and no hash.
    mutating func add(_ log: Log) {
        if addresses.insert(log.address).inserted { add(Keccak256.hash(log.address.bytes)) }
        for topic in log.topics where topics.insert(topic).inserted {
            add(Keccak256.hash(topic.bytes))
        }
    }

    private mutating func add(_ hash: Hash32) {
        for shift: UInt64 in [48, 32, 16] {
            let bit = Int(hash.parts.0 >> shift & 2047)
            bytes[255 - bit / 8] |= 1 << UInt8(bit % 8)
        }
    }
}
