import Ledger

/// A value of a document with its pointer.
struct Field {
    let node: DocumentNode
    let pointer: String

    func at(_ name: String, _ node: DocumentNode) -> Field {
        Field(node: node, pointer: pointer + "/" + JSONPointer.escaped(name))
    }

    /// The elements of an array; nil for anything else.
    var elements: [Field]? {
        guard case .array(let elements) = node.value else { return nil }
        return elements.enumerated().map { at(String($0.offset), $0.element) }
    }

    /// The members of an object; nil for anything else.
    var members: [(name: String, place: TextPlace?, field: Field)]? {
        guard case .object(let members) = node.value else { return nil }
        return members.map { ($0.name, $0.place, at($0.name, $0.node)) }
    }
}

/// The members of an object whose names are known.
struct Members {
    let field: Field
    private let found: [String: Field]

    init(_ field: Field, _ found: [String: Field]) {
        self.field = field
        self.found = found
    }

    subscript(name: String) -> Field? { found[name] }

    /// Where something is said about a member: the member, or the object that should have it.
    func field(_ name: String) -> Field { found[name] ?? field }
}

/// Reads typed values out of a document and gathers every fault on the way.
///
/// A function that answers nil has noted why.
struct FieldReader {
    /// How many faults are gathered; a text has seldom more that are worth reading.
    static let faultLimit = 64

    private(set) var faults: [TemplateFault] = []
    private let limit: Int
    /// How many accounts and values of bindings were made, read or not; that is what takes time and memory.
    private(set) var entries = 0

    /// - Parameter limit: how many faults are gathered; 1 where only the first is looked at, which is found
    ///   sooner.
    init(limit: Int = FieldReader.faultLimit) { self.limit = limit }

    /// Whether no more faults are gathered.
    var isFull: Bool { faults.count >= limit }

    mutating func fault(_ field: Field, _ why: String, at place: TextPlace? = nil) {
        guard !isFull else { return }
        faults.append(TemplateFault(field.pointer, why, at: place ?? field.node.place))
    }

    /// Counts accounts and values of bindings.
    mutating func count(_ entries: Int) { self.entries += entries }

    private mutating func mismatch(_ field: Field, _ wanted: String) {
        fault(field, "\(wanted) wanted, not \(field.node.kind)")
    }

    // MARK: Objects and arrays

    /// An object that has no members but these.
    mutating func members(_ field: Field, _ known: [String]) -> Members? {
        guard let members = field.members else {
            mismatch(field, "an object")
            return nil
        }
        var found: [String: Field] = [:]
        for member in members {
            if Self.index(of: member.name, in: known) != nil {
                found[member.name] = member.field
            } else {
                fault(
                    member.field, "no such member" + hint(for: member.name, among: known),
                    at: member.place)
            }
        }
        return Members(field, found)
    }

    /// An object of at most so many members, whose names are identifiers; sorted by name.
    mutating func table(
        _ field: Field, limit: Int
    ) -> [(name: String, place: TextPlace?, field: Field)]? {
        guard let members = field.members else {
            mismatch(field, "an object")
            return nil
        }
        guard members.count <= limit else {
            fault(members[limit].field, "more than \(limit)", at: members[limit].place)
            return nil
        }
        for member in members where !Self.isIdentifier(member.name) {
            fault(
                member.field,
                "a name is a lower-case letter and up to 31 letters and digits, all of them ASCII",
                at: member.place)
        }
        // ASCII sorts the same in every way.
        return members.filter { Self.isIdentifier($0.name) }.sorted { $0.name < $1.name }
    }

    mutating func elements(_ field: Field, limit: Int) -> [Field]? {
        guard let elements = field.elements else {
            mismatch(field, "an array")
            return nil
        }
        guard elements.count <= limit else {
            fault(elements[limit], "more than \(limit)")
            return nil
        }
        return elements
    }

    /// What somebody may have meant, where it will be read: looking for it takes a while.
    private func hint(for word: String, among known: [String]) -> String {
        isFull ? "" : NearestName.hint(for: word, among: known)
    }

    /// Where a word stands among ASCII words, byte by byte.
    ///
    /// Swift takes texts for equal that Unicode holds to be the same, such as `K` and the sign for kelvins.
    static func index(of word: String, in known: [String]) -> Int? {
        known.firstIndex { $0.utf8.elementsEqual(word.utf8) }
    }

    /// A lower-case letter and up to 31 letters and digits, all of them ASCII.
    static func isIdentifier(_ name: String) -> Bool {
        let bytes = name.utf8
        guard let first = bytes.first, bytes.count <= 32, (0x61...0x7a).contains(first) else {
            return false
        }
        return bytes.allSatisfy {
            (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
        }
    }

    // MARK: Single values

    mutating func string(_ field: Field, bytes: ClosedRange<Int>) -> String? {
        guard case .string(let text) = field.node.value else {
            mismatch(field, "a string")
            return nil
        }
        guard bytes.contains(text.utf8.count) else {
            fault(field, "\(bytes.lowerBound) to \(bytes.upperBound) bytes wanted")
            return nil
        }
        return text
    }

    /// A text for people: nothing in it may show something other than what it says.
    mutating func text(_ field: Field, bytes: ClosedRange<Int>) -> String? {
        guard let text = string(field, bytes: bytes) else { return nil }
        let isClean = text.unicodeScalars.allSatisfy {
            $0 == "\n" ? bytes.upperBound > 128 : $0.isShown
        }
        guard isClean else {
            fault(
                field, "control characters, or such as nobody sees or turn the direction of writing"
            )
            return nil
        }
        return text
    }

    mutating func flag(_ field: Field?) -> Bool {
        guard let field else { return false }
        guard case .bool(true) = field.node.value else {
            fault(field, "only true can stand here; leave it out otherwise")
            return false
        }
        return true
    }

    mutating func integer(_ field: Field, _ range: ClosedRange<UInt64>) -> UInt64? {
        guard case .number(let number) = field.node.value else {
            mismatch(field, "a number")
            return nil
        }
        guard range.contains(number) else {
            fault(field, "\(range.lowerBound) to \(range.upperBound) wanted")
            return nil
        }
        return number
    }

    /// One of a few words.
    mutating func choice<Value>(_ field: Field, _ words: [(String, Value)]) -> Value? {
        let known = words.map(\.0)
        guard case .string(let text) = field.node.value else {
            mismatch(field, "one of " + known.joined(separator: ", "))
            return nil
        }
        if let index = Self.index(of: text, in: known) { return words[index].1 }
        fault(
            field,
            "one of \(known.joined(separator: ", ")) wanted\(hint(for: text, among: known))")
        return nil
    }

    /// The index of something that is named.
    mutating func reference(_ field: Field, to names: [String], _ kind: String) -> Int? {
        guard case .string(let text) = field.node.value else {
            mismatch(field, "the name of a \(kind)")
            return nil
        }
        if let index = Self.index(of: text, in: names) { return index }
        fault(field, "no such \(kind)" + hint(for: text, among: names))
        return nil
    }
}
