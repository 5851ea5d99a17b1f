import JSON
import Ledger

/// Reads what a person writes for a type of the ABI.
enum TypedValue {
    /// One argument of the command line: JSON for lists and structs, plain text for the rest.
    static func read(_ text: String, as type: ABIType, _ names: Names) throws -> ABIValue {
        switch type {
        case .array, .tuple:
            let json: JSON
            do {
                json = try JSON(parsing: text)
            } catch {
                throw Failure.usage("\"\(text)\" is no JSON array for \(type): \(error)")
            }
            let read = try value(json, as: type, names)
            guard read.fits(type) else { throw unfit(text, type) }
            return read
        default: return try scalar(text, as: type, names)
        }
    }

    private static func value(_ json: JSON, as type: ABIType, _ names: Names) throws -> ABIValue {
        switch type {
        case .array(let element, _):
            guard let elements = json.array else { throw unfit(json.plain, type) }
            return .list(try elements.map { try value($0, as: element, names) })
        case .tuple(let members):
            // Its members have no names here, and in another order they may fit all the same.
            guard json.object == nil else {
                throw Failure.usage(
                    "\"\(Output.clean(json.plain, atMost: 80))\": write a struct as a JSON array, its members in "
                        + "the order of \(type)")
            }
            guard let elements = json.array, elements.count == members.count else {
                throw unfit(json.plain, type)
            }
            return .list(try zip(elements, members).map { try value($0, as: $1, names) })
        default: return try scalar(json.plain, as: type, names)
        }
    }

    private static func scalar(
        _ text: String, as type: ABIType, _ names: Names
    ) throws -> ABIValue {
        let value: ABIValue?
        switch type {
        case .uint: value = number(text).map { .number($0) }
        case .int: value = signed(text).map { .number($0) }
        case .address: value = .address(try names.address(text))
        case .bool: value = ["true": .bool(true), "false": .bool(false)][text]
        case .bytes, .fixedBytes:
            value = text.hasPrefix("0x") ? Hex.decode(text).map { .bytes($0) } : nil
        case .string: value = .string(text)
        case .array, .tuple: value = nil
        }
        guard let value, value.fits(type) else { throw unfit(text, type) }
        return value
    }

    /// Decimal below 2^128, hexadecimal up to 256 bits, or max.
    private static func number(_ text: String) -> Hash32? {
        if text == "max" { return .allOnes }
        if let amount = Amount(decimal: text) { return Hash32(word: amount.units) }
        guard text.hasPrefix("0x"), (3...66).contains(text.utf8.count) else { return nil }
        return Hash32(hex: String(repeating: "0", count: 66 - text.utf8.count) + text.dropFirst(2))
    }

    /// A negative number as its two's complement.
    private static func signed(_ text: String) -> Hash32? {
        guard text.hasPrefix("-") else { return number(text) }
        guard let amount = Amount(decimal: text.dropFirst())?.units, amount > 0 else { return nil }
        let low = ~amount &+ 1
        return Hash32(
            .max, .max, UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
    }

    private static func unfit(_ text: String, _ type: ABIType) -> Failure {
        .usage("\"\(Output.clean(text, atMost: 80))\" is no \(type)")
    }
}
