import Gateway
import JSON
import Ledger

/// Events as `dip_events` and `dip_subscribe` describe them.
struct EventParameter: Sendable {
    /// How many values one member may have.
    private static let choiceLimit = 1_000

    /// Contracts and topics.
    private(set) var filter = LogFilter()

    /// All events.
    init() {}

    /// Reads an object.
    init(_ json: JSON, _ name: String) throws(RPCError) {
        guard let members = json.object else {
            throw .invalidParams("\(name): expected an object")
        }
        for member in members where !member.value.isNull {
            let path = "\(name).\(member.name)"
            let values = member.value.array ?? [member.value]
            guard !values.isEmpty else { throw .invalidParams("\(path): expected a value") }
            guard values.count <= Self.choiceLimit else {
                throw .limitExceeded("\(path): at most \(Self.choiceLimit) values")
            }
            switch member.name {
            case "contracts": filter.addresses = try Self.contracts(values, path)
            case "events": filter.topics = [try Self.events(values, path)]
            case "accounts":
                var words: [Hash32] = []
                for value in values {
                    guard let address = value.address else {
                        throw .invalidParams("\(path): expected addresses")
                    }
                    words.append(Hash32(word: address))
                }
                filter.anywhere.append(words)
            case "orders":
                var words: [Hash32] = []
                for value in values {
                    guard let number = value.quantity ?? value.unsigned,
                        let id = UInt64(exactly: number)
                    else { throw .invalidParams("\(path): expected ids of orders") }
                    words.append(Hash32(0, 0, 0, id))
                    // As the payer of another order it appears in its form as an address.
                    words.append(Hash32(word: .order(id)))
                }
                filter.anywhere.append(words)
            default:
                throw .invalidParams(
                    "\(path): unknown; there are contracts, events, accounts and orders")
            }
        }
    }

    private static func contracts(_ values: [JSON], _ path: String) throws(RPCError) -> [Address] {
        var addresses: [Address] = []
        for value in values {
            guard
                let address = value.address
                    ?? value.string.flatMap({ ContractInterface.named($0)?.address })
            else {
                throw .invalidParams(
                    "\(path): expected addresses, or names such as Orders; a token goes by its "
                        + "address")
            }
            addresses.append(address)
        }
        return addresses
    }

    private static func events(_ values: [JSON], _ path: String) throws(RPCError) -> [Hash32] {
        var topics: [Hash32] = []
        for value in values {
            guard let named = value.string.flatMap({ ContractInterface.eventTopics[$0] }) else {
                throw .invalidParams(
                    "\(path): there is no event \(value.string ?? "of this name"); see dip_abi")
            }
            topics += named
        }
        return topics
    }
}

/// One page of the stream of events.
struct EventPage {
    /// The events.
    private(set) var logs: [FoundLog] = []
    /// Where the next page begins.
    private(set) var next: EventCursor

    /// Reads at most so many events from a place on, up to the block of the height `head`.
    ///
    /// - Throws: -32000 where a block of them is not kept, with the place from which on they all are.
    init(
        _ context: RPCContext, _ filter: LogFilter, from cursor: EventCursor, head: UInt64,
        limit: Int
    ) throws(RPCError) {
        next = cursor
        guard cursor.height <= head else { return }
        let end = min(head, cursor.height + context.limits.rangeBlocks - 1)
        var logs: [FoundLog] = []
        var stoppedAt: EventCursor?
        let stopped: UInt64?
        do throws(RPCError) {
            let query = LogQuery(context: context, filter: filter)
            stopped = try query.visit(cursor.height...end) {
                let place = EventCursor($0.block.header.height, $0.logIndex)
                if place.height == cursor.height, place.index < cursor.index { return true }
                guard logs.count < limit else {
                    stoppedAt = place
                    return false
                }
                logs.append($0)
                return true
            }
        } catch {
            try cursor.checkKept(context.node)
            throw error
        }
        self.logs = logs
        next = stoppedAt ?? EventCursor(stopped ?? end + 1, 0)
    }
}
