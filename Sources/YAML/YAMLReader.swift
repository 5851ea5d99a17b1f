import Settlement

/// Reads YAML as a document of the template language, with the place of each value.
///
/// Only what has one meaning is taken: one document of maps with texts as names, lists, texts, whole
/// numbers, `true`, `false` and `null`. A number with a sign, a point or an exponent, from 2^53 on, or with
/// a leading zero stays the text that was written, so that no amount or address is ever rounded.
package struct YAMLReader {
    /// What a text may cost its reader, checked before anything is kept.
    package enum Limit {
        package static let bytes = 256 << 10
        static let depth = 32
        static let values = 32_768
    }

    private let events: YAMLEvents
    private var values = 0

    /// Reads a text.
    ///
    /// - Parameter bytes: in UTF-8.
    /// - Returns: the document.
    /// - Throws: ``SourceFault`` for no YAML, for anything beyond the limits, and for what has several
    ///   meanings: anchors, aliases, tags, a name twice, several documents.
    package static func read(_ bytes: [UInt8]) throws(SourceFault) -> DocumentNode {
        let start = TextPlace(line: 1, column: 1)
        guard bytes.count <= Limit.bytes else {
            throw SourceFault(
                "the file has \(bytes.count) bytes, at most \(Limit.bytes) are read", at: start)
        }
        var reader = YAMLReader(events: try YAMLEvents(bytes))
        guard case .documentStart = try reader.events.next() else {
            throw SourceFault("the file is empty", at: start)
        }
        let value = try reader.value(try reader.events.next(), depth: 0)
        _ = try reader.events.next()
        if case .documentStart(let place) = try reader.events.next() {
            throw SourceFault("a second document starts here: one is read", at: place)
        }
        return value
    }

    private init(events: YAMLEvents) { self.events = events }

    private mutating func value(
        _ event: YAMLEvents.Event, depth: Int
    ) throws(SourceFault) -> DocumentNode {
        let place = event.place
        values += 1
        guard values <= Limit.values else {
            throw SourceFault("more than \(Limit.values) values", at: place)
        }
        guard depth <= Limit.depth else {
            throw SourceFault("more than \(Limit.depth) maps and lists in each other", at: place)
        }
        let value: DocumentNode.Value
        switch event {
        case .scalar(let text, let isPlain, _): value = isPlain ? Self.plain(text) : .string(text)
        case .sequenceStart: value = .array(try sequence(depth))
        case .mappingStart: value = .object(try mapping(depth))
        default: preconditionFailure("libyaml starts a value with one of these")
        }
        return DocumentNode(value, at: place)
    }

    private mutating func sequence(_ depth: Int) throws(SourceFault) -> [DocumentNode] {
        var elements: [DocumentNode] = []
        var event = try events.next()
        while event != .sequenceEnd {
            elements.append(try value(event, depth: depth + 1))
            event = try events.next()
        }
        return elements
    }

    private mutating func mapping(
        _ depth: Int
    ) throws(SourceFault) -> [DocumentNode.Member] {
        var members: [DocumentNode.Member] = []
        var seen: [String: TextPlace] = [:]
        var event = try events.next()
        while event != .mappingEnd {
            guard case .scalar(let name, _, let place) = event else {
                throw SourceFault("the name of a member must be a text", at: event.place)
            }
            if let first = seen.updateValue(place, forKey: name) {
                throw SourceFault(
                    "\"\(Self.shown(name))\" stands here for the second time; the first is in "
                        + "line \(first.line)", at: place)
            }
            let value = try value(try events.next(), depth: depth + 1)
            members.append(.init(name, at: place, value))
            event = try events.next()
        }
        return members
    }

    private static func shown(_ name: String) -> String {
        name.unicodeScalars.count > 40 ? "\(String(name.unicodeScalars.prefix(40)))…" : name
    }

    /// What a scalar without quotes means.
    private static func plain(_ text: String) -> DocumentNode.Value {
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        let digits = text.utf8
        let isWhole =
            (1...16).contains(digits.count) && digits.allSatisfy { (0x30...0x39).contains($0) }
            && (digits.first != 0x30 || text == "0")
        guard isWhole, let number = UInt64(text), number <= DocumentNode.numberLimit else {
            return .string(text)
        }
        return .number(number)
    }
}

extension YAMLEvents.Event {
    /// Where it stands; the first line for an end.
    fileprivate var place: TextPlace {
        switch self {
        case .scalar(_, _, let place), .sequenceStart(let place), .mappingStart(let place),
            .documentStart(let place):
            place
        default: TextPlace(line: 1, column: 1)
        }
    }
}
