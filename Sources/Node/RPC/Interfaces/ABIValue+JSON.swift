import JSON
import Ledger

extension ABIValue {
    /// The value as `dip_*` methods write it.
    ///
    /// Integers of up to 64 bits are numbers, wider ones decimal strings (hexadecimal from 2^128 on),
    /// enums their case's name, bytes and addresses hexadecimal strings, structs objects.
    func json(as parameter: InterfaceParameter) -> JSON {
        switch self {
        case .number(let word):
            guard let number = word.number else { return .string(word.hex) }
            if !parameter.cases.isEmpty, number < UInt128(parameter.cases.count) {
                let name = parameter.cases[Int(number)]
                return .string(name.prefix(1).lowercased() + name.dropFirst())
            }
            let isWide = number > UInt128(UInt64.max) || parameter.isWideInteger
            return isWide ? .string(String(number)) : .integer(number)
        case .address(let address): return .string(address.hex)
        case .bool(let flag): return .bool(flag)
        case .bytes(let bytes): return .data(bytes)
        case .string(let text): return .string(text)
        case .list(let values):
            if parameter.type == "tuple" {
                return .object(
                    zip(values, parameter.components).map { JSON.Member($1.name, $0.json(as: $1)) })
            }
            return .array(values.map { $0.json(as: parameter.element) })
        }
    }
}

extension InterfaceParameter {
    /// Whether it is an integer that programs may not read as a 64-bit number.
    fileprivate var isWideInteger: Bool {
        let bits = Int(type.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 256
        return bits > 64
    }

    /// Of an array, one of its elements.
    fileprivate var element: InterfaceParameter {
        InterfaceParameter(
            name: name, type: type.hasSuffix("[]") ? String(type.dropLast(2)) : type,
            internalType: internalType, components: components, cases: cases, isIndexed: false)
    }
}
