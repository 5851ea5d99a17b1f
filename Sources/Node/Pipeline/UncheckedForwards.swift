import Consensus

/// What peers forwarded and of which the signatures are not checked yet, counted for each by itself.
///
/// Both its bytes and its number count: a transaction costs memory and a turn beside its bytes, and the shortest
/// that can be read has ten of them.
struct UncheckedForwards {
    /// What one message brings.
    struct Load: Equatable {
        var bytes = 0
        var count = 0

        init() {}

        init(_ raws: [[UInt8]]) {
            bytes = raws.reduce(0) { $0 + $1.count }
            count = raws.count
        }
    }

    /// About a second's work for two cores; what is committed goes before all of it.
    static let bytesMax = 8 << 20
    /// As many payments of that many bytes.
    static let countMax = 1 << 16

    private var loads: [NodeID: Load] = [:]

    /// Takes a message; the last one may go beyond the bounds, for any message is bounded by itself.
    ///
    /// - Returns: false if there is too much of this peer's already.
    mutating func take(_ load: Load, of peer: NodeID) -> Bool {
        let waiting = loads[peer] ?? Load()
        guard waiting.bytes < Self.bytesMax, waiting.count < Self.countMax else { return false }
        loads[peer, default: Load()].bytes += load.bytes
        loads[peer, default: Load()].count += load.count
        return true
    }

    /// What a message brought is checked.
    mutating func release(_ load: Load, of peer: NodeID) {
        loads[peer, default: Load()].bytes -= load.bytes
        loads[peer, default: Load()].count -= load.count
    }
}
