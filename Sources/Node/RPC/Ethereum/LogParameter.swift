import Gateway
import JSON
import Ledger

/// Logs as `eth_getLogs`, `eth_newFilter` and `eth_subscribe` describe them.
struct LogParameter: Sendable {
    /// How many contracts, and how many topics at one place, may be named.
    private static let choiceLimit = 1_000

    /// Contracts and topics.
    private(set) var filter = LogFilter()
    private var from: BlockSelector?
    private var to: BlockSelector?
    private var blockHash: Hash32?

    /// Reads an object.
    init(_ json: JSON, _ name: String) throws(RPCError) {
        guard let members = json.object else {
            throw .invalidParams("\(name): expected an object")
        }
        for member in members where !member.value.isNull {
            let path = "\(name).\(member.name)"
            switch member.name {
            case "fromBlock": from = try Self.block(member.value, path)
            case "toBlock": to = try Self.block(member.value, path)
            case "blockHash":
                guard let hash = member.value.hash else {
                    throw .invalidParams("\(path): expected a hash")
                }
                blockHash = hash
            case "address": filter.addresses = try Self.addresses(member.value, path)
            case "topics": filter.topics = try Self.topics(member.value, path)
            default: break
            }
        }
        if blockHash != nil, from != nil || to != nil {
            throw .invalidParams("\(name): give blockHash, or fromBlock and toBlock")
        }
    }

    private static func block(_ json: JSON, _ path: String) throws(RPCError) -> BlockSelector {
        guard let selector = BlockSelector(json) else {
            throw .invalidParams("\(path): expected a height or a tag")
        }
        return selector
    }

    private static func addresses(_ json: JSON, _ path: String) throws(RPCError) -> [Address] {
        let list = json.array ?? [json]
        guard list.count <= choiceLimit else {
            throw .limitExceeded("\(path): at most \(choiceLimit) addresses")
        }
        var addresses: [Address] = []
        for element in list {
            guard let address = element.address else {
                throw .invalidParams("\(path): expected an address or an array of them")
            }
            addresses.append(address)
        }
        return addresses
    }

    private static func topics(_ json: JSON, _ path: String) throws(RPCError) -> [[Hash32]] {
        guard let places = json.array, places.count <= 4 else {
            throw .invalidParams("\(path): expected an array of at most four places")
        }
        var topics: [[Hash32]] = []
        for place in places {
            var choices = place.isNull ? [] : place.array ?? [place]
            // One of several that is anything lets anything through.
            if choices.contains(where: \.isNull) { choices = [] }
            guard choices.count <= choiceLimit else {
                throw .limitExceeded("\(path): at most \(choiceLimit) topics at one place")
            }
            var wanted: [Hash32] = []
            for choice in choices {
                guard let topic = choice.hash else {
                    throw .invalidParams("\(path): expected null, a topic, or an array of topics")
                }
                wanted.append(topic)
            }
            topics.append(wanted)
        }
        return topics
    }

    /// The heights that are asked for; nil if there can be none.
    ///
    /// - Parameters:
    ///   - context: the node.
    ///   - isToCome: whether it may also be of blocks that are to come, as a filter is.
    /// - Returns: heights of blocks that are there.
    /// - Throws: -32005 if they are too many, -32000 if a block is not there, -32602 if the range runs back or
    ///   ends behind the last block.
    func range(
        _ context: RPCContext, isToCome: Bool = false
    ) throws(RPCError) -> ClosedRange<UInt64>? {
        if let blockHash {
            let height = try context.existing(.hash(blockHash)).header.height
            return height...height
        }
        let (from, to) = (from ?? .latest, to ?? .latest)
        let head = context.node.head.header.height
        // Looked at once, like the last block: what is forgotten meanwhile must not be asked for by this name.
        let oldest = context.node.oldestHeight
        let first = from == .earliest ? oldest : try context.height(from, head: head)
        // The same name means the same block, whatever comes meanwhile.
        let end =
            from == to ? first : to == .earliest ? oldest : try context.height(to, head: head)
        if !isToCome { try check(first, end, head: head) }
        let last = min(end, head)
        guard first >= oldest else { throw context.unknown(.height(first)) }
        guard first <= last else { return nil }
        guard last - first < context.limits.rangeBlocks else {
            throw .limitExceeded(
                "a range has at most \(context.limits.rangeBlocks) blocks: ask for \(first) to "
                    + "\(first + context.limits.rangeBlocks - 1) first")
        }
        return first...last
    }

    /// Refuses a range that runs back, or ends behind the last block: an empty answer would be taken for
    /// what happened there.
    ///
    /// From beyond the last block to `latest` is what those ask for who have seen all so far.
    private func check(_ first: UInt64, _ last: UInt64, head: UInt64) throws(RPCError) {
        switch to {
        case .height, .earliest: break
        default: return
        }
        guard last <= head else {
            throw .invalidParams(
                "block range extends beyond current head block: the last one is \(head)")
        }
        guard first <= last else {
            throw .invalidParams(
                "invalid block range params: it begins at \(first) and ends at \(last)")
        }
    }

    /// What is left of a range of new blocks.
    func clamped(_ range: ClosedRange<UInt64>) -> ClosedRange<UInt64>? {
        var (first, last) = (range.lowerBound, range.upperBound)
        if case .height(let height) = from { first = max(first, height) }
        if case .height(let height) = to { last = min(last, height) }
        return first <= last ? first...last : nil
    }
}
