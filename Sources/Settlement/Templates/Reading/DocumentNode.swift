/// A JSON value with the place at which it stands in its text.
///
/// Templates know no floating point, so that a number is an integer from 0 to 2^53 − 1.
public struct DocumentNode: Sendable {
    /// What it is.
    public let value: Value
    /// Where it starts; nil where it comes from no text.
    public let place: TextPlace?

    /// What a value is.
    public enum Value: Sendable {
        /// The literal `null`.
        case null
        /// The literal `true` or `false`.
        case bool(Bool)
        /// An integer below 2^53.
        case number(UInt64)
        /// A string with its escapes resolved.
        case string(String)
        /// The elements in order.
        case array([DocumentNode])
        /// The members as they were written; their names differ.
        case object([Member])
    }

    /// One name and its value in an object.
    public struct Member: Sendable {
        /// The name, with its escapes resolved.
        public let name: String
        /// Where the name starts.
        public let place: TextPlace?
        /// The value.
        public let node: DocumentNode

        /// Makes a member.
        public init(_ name: String, at place: TextPlace? = nil, _ node: DocumentNode) {
            self.name = name
            self.place = place
            self.node = node
        }
    }

    /// Makes a node.
    public init(_ value: Value, at place: TextPlace? = nil) {
        self.value = value
        self.place = place
    }

    /// Reads a JSON text of a template's size and depth.
    ///
    /// - Throws: the ``TemplateFault`` met first, with its place.
    public init(parsing json: [UInt8]) throws(TemplateFault) {
        self = try DocumentReader.read(
            json, limit: Template.bytesLimit, depth: Template.depthLimit)
    }

    /// The largest number, 2^53 − 1: the last integer that every JSON reader keeps.
    public static let numberLimit: UInt64 = 1 << 53 - 1

    /// What kind of value it is, for a person.
    var kind: String {
        switch value {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The place of what a JSON pointer names, or of the innermost value around it.
    func place(of pointer: String) -> TextPlace? {
        var node = self
        var place = self.place
        for part in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            switch node.value {
            case .object(let members):
                let name = JSONPointer.unescaped(part)
                guard let member = members.first(where: { $0.name == name }) else { return place }
                node = member.node
                place = member.place ?? place
            case .array(let elements):
                guard let index = Int(part), elements.indices.contains(index) else { return place }
                node = elements[index]
                place = node.place ?? place
            default: return place
            }
        }
        return place
    }
}

/// Parts of JSON pointers (RFC 6901).
enum JSONPointer {
    /// A name as it stands in a pointer; of a very long one, its beginning.
    static func escaped(_ whole: String) -> String {
        var name = whole
        if whole.utf8.count > 128 {
            name = String(String.UnicodeScalarView(whole.unicodeScalars.prefix(32))) + "…"
        }
        guard name.utf8.contains(where: { $0 == 0x7e || $0 == 0x2f }) else { return name }
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The name that a part of a pointer stands for.
    static func unescaped(_ part: some StringProtocol) -> String {
        var text = ""
        var isEscape = false
        for scalar in part.unicodeScalars {
            if isEscape {
                text += scalar == "1" ? "/" : "~"
                isEscape = false
            } else if scalar == "~" {
                isEscape = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
