import JSON
import Ledger

/// A log as `dip_*` methods give it: the event's name and its arguments by name.
struct Event {
    /// The contract that speaks.
    let address: Address
    /// Its interface.
    let contract: ContractInterface
    /// What it says.
    let item: InterfaceItem
    /// The arguments in order.
    let arguments: [ABIValue]

    /// Reads a log; nil for one that no interface of ours declares.
    init?(_ log: Log) {
        let contract = ContractInterface.answering(at: log.address)
        guard let topic = log.topics.first, let item = contract.event(topic) else { return nil }
        var indexed = log.topics.dropFirst()
        let plain = item.inputs.filter { !$0.isIndexed }
        guard indexed.count == item.inputs.count - plain.count,
            var values = try? ABIValue.decode(log.data, as: plain.map(\.abiType))[...]
        else { return nil }
        var arguments: [ABIValue] = []
        for input in item.inputs {
            if input.isIndexed {
                guard let value = ABIValue(topic: indexed.removeFirst(), as: input.abiType) else {
                    return nil
                }
                arguments.append(value)
            } else {
                arguments.append(values.removeFirst())
            }
        }
        address = log.address
        self.contract = contract
        self.item = item
        self.arguments = arguments
    }

    /// Writes the members `address`, `contract`, `event` and `args`.
    func write(to writer: inout JSONWriter) {
        writer.member("address", address: address)
        writer.member("contract", string: contract.name)
        writer.member("event", string: item.name)
        writer.key("args")
        writer.object { writer in
            for (argument, input) in zip(arguments, item.inputs) {
                writer.member(input.name, value: argument.json(as: input))
            }
        }
    }
}

extension ABIValue {
    /// Reads an indexed argument of a type that fits a word.
    fileprivate init?(topic: Hash32, as type: ABIType) {
        switch type {
        case .address:
            guard let address = topic.address else { return nil }
            self = .address(address)
        case .bool: self = .bool(topic != .zero)
        case .fixedBytes(let count): self = .bytes(Array(topic.bytes.prefix(count)))
        case .uint, .int: self = .number(topic)
        default: return nil
        }
    }
}

extension FoundLog {
    /// Writes the log as an event with its place; nothing if no interface declares it.
    func writeEvent(to writer: inout JSONWriter) {
        guard let event = Event(log) else { return }
        writer.object { writer in
            writer.member("cursor", string: EventCursor(block.header.height, logIndex).text)
            writer.member("block", number: block.header.height)
            writer.member("time", number: block.header.timeMillis / 1000)
            if !isSystem { writer.member("transaction", hash: transactionHash) }
            writer.member("logIndex", number: logIndex)
            event.write(to: &writer)
        }
    }
}

/// A place among all events of the ledger.
struct EventCursor: Hashable, Sendable {
    /// The block.
    var height: UInt64
    /// The index of a log in it.
    var index: Int

    init(_ height: UInt64, _ index: Int) {
        self.height = height
        self.index = index
    }

    /// Reads `height:index`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let height = UInt64(parts[0]), let index = UInt32(parts[1]) else {
            return nil
        }
        self.init(height, Int(index))
    }

    /// As clients know it.
    var text: String { "\(height):\(index)" }
}
