import JSON
import Ledger

/// Reads the members of one JSON object of a proof, each with the path for its error.
struct ProofReader {
    private let members: [JSON.Member]
    private let path: String
    private var read: [String] = []

    init(_ json: JSON, at path: String = "") throws(ProofDocumentFault) {
        guard let members = json.object else {
            throw ProofDocumentFault("\(path.isEmpty ? "the file" : path): expected an object")
        }
        self.members = members
        self.path = path
    }

    private func path(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func wrong(_ name: String, _ expected: String) -> ProofDocumentFault {
        ProofDocumentFault("\(path(name)): expected \(expected)")
    }

    mutating func member(_ name: String) throws(ProofDocumentFault) -> JSON {
        read.append(name)
        guard let member = members.first(where: { $0.name == name }) else {
            throw ProofDocumentFault("\(path(name)): missing")
        }
        return member.value
    }

    mutating func object(_ name: String) throws(ProofDocumentFault) -> ProofReader {
        try ProofReader(try member(name), at: path(name))
    }

    /// An object, or nil where there is `null`.
    mutating func objectIfAny(_ name: String) throws(ProofDocumentFault) -> ProofReader? {
        let json = try member(name)
        return json.isNull ? nil : try ProofReader(json, at: path(name))
    }

    mutating func text(_ name: String) throws(ProofDocumentFault) -> String {
        guard let text = try member(name).string else { throw wrong(name, "a text") }
        return text
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ name: String, _ type: Number.Type = Number.self
    ) throws(ProofDocumentFault) -> Number {
        guard let number = try member(name).unsigned.flatMap({ Number(exactly: $0) }) else {
            throw wrong(name, "a whole number of at most \(Number.max)")
        }
        return number
    }

    mutating func bytes(_ name: String) throws(ProofDocumentFault) -> [UInt8] {
        guard let bytes = try member(name).data else {
            throw wrong(name, "0x and an even number of hexadecimal digits")
        }
        return bytes
    }

    mutating func hash(_ name: String) throws(ProofDocumentFault) -> Hash32 {
        guard let hash = Hash32(try bytes(name)) else { throw wrong(name, "32 bytes") }
        return hash
    }

    /// Bytes that a type of the ledger decodes.
    mutating func decoded<Value>(
        _ name: String, _ decode: ([UInt8]) throws(DecodingFault) -> Value
    ) throws(ProofDocumentFault) -> Value {
        let bytes = try bytes(name)
        do throws(DecodingFault) {
            return try decode(bytes)
        } catch {
            throw ProofDocumentFault("\(path(name)): \(error)")
        }
    }

    mutating func array<Element>(
        _ name: String, atMost limit: Int,
        _ element: (JSON, _ path: String) throws(ProofDocumentFault) -> Element
    ) throws(ProofDocumentFault) -> [Element] {
        guard let elements = try member(name).array, elements.count <= limit else {
            throw wrong(name, "an array of at most \(limit)")
        }
        var values: [Element] = []
        for (index, json) in elements.enumerated() {
            values.append(try element(json, "\(path(name))[\(index)]"))
        }
        return values
    }

    /// Checks that there is no member that nobody asked for.
    func finish() throws(ProofDocumentFault) {
        for member in members where !read.contains(member.name) {
            throw ProofDocumentFault("\(path(member.name)): unknown")
        }
    }
}
