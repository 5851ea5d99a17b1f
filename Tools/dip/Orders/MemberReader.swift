import JSON
import Ledger

/// Reads the members of a JSON object that a person wrote, with faults that name the place.
struct MemberReader {
    private let json: JSON
    private let place: String

    /// Takes an object.
    ///
    /// - Throws: ``Failure/usage(_:)`` for anything else and for a member that is not `known`.
    init(_ json: JSON, _ place: String, known: Set<String>) throws {
        self.json = json
        self.place = place
        guard let members = json.object else {
            throw Failure.usage("\(place): an object was expected")
        }
        if let strange = members.first(where: { !known.contains($0.name) }) {
            throw Failure.usage(
                "\(place): there is no member \"\(Output.clean(strange.name, atMost: 40))\"; known: "
                    + known.sorted().joined(separator: ", "))
        }
    }

    /// What is wrong with a member.
    func fault(_ name: String, _ problem: String) -> Failure {
        .usage("\(place), \(name): \(problem)")
    }

    func has(_ name: String) -> Bool { json[name].map { !$0.isNull } ?? false }

    private func value(_ name: String) -> JSON? { json[name]?.present }

    func needed<Value>(_ name: String, _ value: Value?) throws -> Value {
        guard let value else { throw fault(name, "is missing") }
        return value
    }

    func optionalText(_ name: String) throws -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw fault(name, "must be a text") }
        return text
    }

    func text(_ name: String) throws -> String { try needed(name, try optionalText(name)) }

    /// A whole number; 0 where there is none.
    func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ name: String, atMost most: Number
    ) throws -> Number {
        guard let value = value(name) else { return 0 }
        guard let number = value.whole, number <= UInt128(most) else {
            throw fault(name, "must be a whole number from 0 to \(most)")
        }
        return Number(number)
    }

    /// An amount as text or as a number, whose decimals are kept as they are written.
    func amount(_ name: String, _ currency: Currency, inUnits: Bool) throws -> UInt128 {
        let value = try needed(name, value(name))
        switch value {
        case .string(let text), .number(let text):
            do {
                return try currency.amount(text, inUnits: inUnits)
            } catch {
                throw fault(name, "\(error)")
            }
        default: throw fault(name, "must be an amount, such as \"12.50\"")
        }
    }

    func account(_ name: String, _ names: Names) throws -> Address? {
        guard let text = try optionalText(name) else { return nil }
        return try account(text, name, names)
    }

    private func account(_ text: String, _ name: String, _ names: Names) throws -> Address {
        do {
            return try names.address(text)
        } catch {
            throw fault(name, "\(error)")
        }
    }

    func accounts(_ name: String, _ names: Names) throws -> [Address] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw fault(name, "must be a list of accounts") }
        return try elements.map { element in
            guard let text = element.string else { throw fault(name, "must be a list of accounts") }
            return try account(text, name, names)
        }
    }

    /// A time; 0 where there is none.
    func time(_ name: String, now: UInt64) throws -> UInt64 {
        guard let value = value(name) else { return 0 }
        if let seconds = value.unsigned, seconds <= UInt128(Moment.largest) {
            return UInt64(seconds)
        }
        guard let text = value.string else { throw fault(name, "is no time: write \(Moment.help)") }
        return try Moment.seconds(text, now: now, "\(place), \(name)")
    }

    /// A length of time; 0 where there is none.
    func span(_ name: String) throws -> UInt64 {
        guard let value = value(name) else { return 0 }
        if let seconds = value.unsigned, seconds <= UInt128(Moment.largest) {
            return UInt64(seconds)
        }
        guard
            let span = value.string.flatMap({
                TimeSpan.seconds($0.first == "+" ? String($0.dropFirst()) : $0)
            })
        else {
            throw fault(name, "is no length of time: write seconds, or such as \"30d\", \"12h\"")
        }
        return span
    }

    func choice<Value>(_ name: String, _ choices: [String: Value], _ standard: Value) throws
        -> Value
    {
        guard let text = try optionalText(name) else { return standard }
        guard let choice = choices[text.lowercased()] else {
            throw fault(name, "must be \(choices.keys.sorted().joined(separator: " or "))")
        }
        return choice
    }

    /// A gate by its index or name, as terms write it: 0 for none, else the index and one.
    func gate(_ name: String, _ gates: [String: Int]) throws -> UInt8 {
        guard let value = value(name) else { return 0 }
        if let text = value.string, let index = gates[text] { return UInt8(clamping: index + 1) }
        guard let index = value.unsigned, index < 64 else {
            throw fault(name, "must be the name of a gate, or its place, counted from 0")
        }
        return UInt8(index) + 1
    }

    /// The objects of a list; none where there is no list.
    func list(_ name: String, known: Set<String>) throws -> [MemberReader] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw fault(name, "must be a list") }
        return try elements.enumerated().map { index, element in
            try MemberReader(element, "\(place), \(name)[\(index)]", known: known)
        }
    }
}
