import JSON
import Ledger

/// Reads the members of one JSON object, each with the path for its error.
struct FieldReader {
    private let members: [JSON.Member]?
    private let path: String
    /// Makes the fault of the file that is read.
    let fault: @Sendable (String) -> NodeFault
    private var known: [String] = []

    init(
        _ value: JSON, at path: String, fault: @escaping @Sendable (String) -> NodeFault
    ) {
        members = value.object
        self.path = path
        self.fault = fault
    }

    /// Reads a part of a genesis.
    init(_ value: JSON, at path: String) {
        self.init(value, at: path) { .genesis($0) }
    }

    func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// Whether there is a member that may be left out, which ``finish()`` names among the known ones.
    mutating func has(_ name: String) -> Bool {
        note(name)
        return members?.contains { $0.name == name } ?? false
    }

    private mutating func note(_ name: String) {
        if !known.contains(name) { known.append(name) }
    }

    mutating func field(_ name: String) throws(NodeFault) -> JSON {
        guard let members else {
            throw fault("\(path.isEmpty ? "the file" : path): expected an object")
        }
        note(name)
        guard let member = members.first(where: { $0.name == name }) else {
            throw fault("\(path(name)): missing")
        }
        return member.value
    }

    mutating func number(
        _ name: String, in range: ClosedRange<UInt128>
    ) throws(NodeFault) -> UInt128 {
        guard let number = try field(name).unsigned, range.contains(number) else {
            throw fault(
                """
                \(path(name)): expected a whole number from \(range.lowerBound) to \
                \(range.upperBound)
                """)
        }
        return number
    }

    mutating func amount(
        _ name: String, in range: ClosedRange<UInt128>
    ) throws(NodeFault) -> UInt128 {
        guard let text = try field(name).string, let amount = Amount(decimal: text),
            range.contains(amount.units)
        else {
            throw fault(
                """
                \(path(name)): expected decimal digits in a string, from \(range.lowerBound) to \
                \(range.upperBound)
                """)
        }
        return amount.units
    }

    mutating func text(_ name: String, bytes: ClosedRange<Int>) throws(NodeFault) -> String {
        guard let text = try field(name).string, bytes.contains(text.utf8.count) else {
            throw fault(
                "\(path(name)): expected a string of \(bytes.lowerBound) to \(bytes.upperBound) bytes"
            )
        }
        return text
    }

    mutating func address(_ name: String) throws(NodeFault) -> Address {
        guard let text = try field(name).string, let address = Address(hex: text), address != .zero
        else { throw fault("\(path(name)): expected an address, 0x and 40 hexadecimal digits") }
        return address
    }

    /// Checks that there is no member that nobody asked for: a misspelt one would silently do nothing.
    func finish() throws(NodeFault) {
        for member in members ?? [] where !known.contains(member.name) {
            throw fault(
                "\(path(member.name)): unknown; known here are \(known.joined(separator: ", "))")
        }
    }
}
