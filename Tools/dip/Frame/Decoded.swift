import JSON
import Ledger
import Node

/// Encoded values as JSON, by an interface that is known when the program runs.
enum Decoded {
    /// Arguments or results; nil where the bytes are not theirs.
    static func values(_ bytes: [UInt8], as parameters: [InterfaceParameter]) -> [JSON.Member]? {
        let types = parameters.compactMap { try? ABIType.parse($0.canonicalType) }
        guard types.count == parameters.count,
            let values = try? ABIValue.decode(bytes, as: types)
        else { return nil }
        return zip(values, parameters).enumerated().map { index, pair in
            let name = pair.1.name.isEmpty ? "\(index)" : pair.1.name
            return JSON.Member(name, json(pair.0, pair.1))
        }
    }

    /// An event's arguments, from its topics and data; nil where they are not its own.
    static func arguments(_ topics: [Hash32], _ data: [UInt8], of event: InterfaceItem)
        -> [JSON.Member]?
    {
        let plain = event.inputs.filter { !$0.isIndexed }
        guard topics.count == event.inputs.count - plain.count + 1,
            var rest = values(data, as: plain)?[...]
        else { return nil }
        var indexed = topics.dropFirst()
        var members: [JSON.Member] = []
        for input in event.inputs {
            if !input.isIndexed, let next = rest.popFirst() {
                members.append(next)
            } else if let topic = indexed.popFirst(),
                let member = values(topic.bytes, as: [input])?.first
            {
                members.append(member)
            } else {
                return nil
            }
        }
        return members
    }

    /// A value as `dip_*` methods write it: numbers up to 64 bits as numbers, wider ones as decimal
    /// strings, enums by name.
    static func json(_ value: ABIValue, _ parameter: InterfaceParameter) -> JSON {
        json(value, parameter.type, parameter)
    }

    /// As above, for an element of an array with the element's type.
    private static func json(
        _ value: ABIValue, _ type: String, _ parameter: InterfaceParameter
    ) -> JSON {
        switch value {
        case .number(let word):
            guard let number = word.number else { return .string(word.hex) }
            if number < UInt128(parameter.cases.count) {
                return .string(parameter.cases[Int(number)])
            }
            let isWide = type.hasPrefix("uint256") || number > UInt128(UInt64.max)
            return isWide ? .string(String(number)) : .integer(number)
        case .address(let address): return .string(address.hex)
        case .bool(let flag): return .bool(flag)
        case .bytes(let bytes): return .data(bytes)
        case .string(let text): return .string(text)
        case .list(let values):
            if let bracket = type.lastIndex(of: "[") {
                let element = String(type[..<bracket])
                return .array(values.map { json($0, element, parameter) })
            }
            return .object(
                zip(values, parameter.components).map { JSON.Member($1.name, json($0, $1)) })
        }
    }
}
