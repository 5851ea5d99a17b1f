import CYaml
import Settlement

/// The events of a YAML text, one after the other, as libyaml finds them.
///
/// What could make a small text large is refused where it is met: anchors, aliases and tags never come
/// out of here.
final class YAMLEvents {
    /// One step of a text.
    enum Event: Equatable {
        /// `isPlain`: written without quotes, so that it may be a number or null.
        case scalar(String, isPlain: Bool, TextPlace)
        case sequenceStart(TextPlace)
        case sequenceEnd
        case mappingStart(TextPlace)
        case mappingEnd
        /// Where a document starts.
        case documentStart(TextPlace)
        case documentEnd
        case end
    }

    // Both stay where they are: the parser keeps their addresses.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// Takes a text in UTF-8; it is copied.
    init(_ bytes: [UInt8]) throws(SourceFault) {
        parser = .allocate(capacity: 1)
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else {
            throw SourceFault("no memory is left", at: TextPlace(line: 1, column: 1))
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event.
    ///
    /// - Throws: ``SourceFault`` for text that is no YAML, and for anchors, aliases and tags.
    func next() throws(SourceFault) -> Event {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw fault }
            defer { yaml_event_delete(&event) }
            if let found = try Self.read(event) { return found }
        }
    }

    /// nil for the start of the stream, which says nothing.
    private static func read(_ event: yaml_event_t) throws(SourceFault) -> Event? {
        let place = TextPlace(event.start_mark)
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try check(anchor: scalar.anchor, tag: scalar.tag, at: place)
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return .scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, place)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            try check(anchor: start.anchor, tag: start.tag, at: place)
            return .sequenceStart(place)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            try check(anchor: start.anchor, tag: start.tag, at: place)
            return .mappingStart(place)
        case YAML_ALIAS_EVENT:
            throw SourceFault("aliases (*name) are not taken: write it out", at: place)
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            guard start.tag_directives.start == start.tag_directives.end else {
                throw SourceFault("tags (%TAG) are not taken", at: place)
            }
            return .documentStart(place)
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_END_EVENT: return .end
        default: return nil
        }
    }

    private static func check(
        anchor: UnsafeMutablePointer<UInt8>?, tag: UnsafeMutablePointer<UInt8>?,
        at place: TextPlace
    ) throws(SourceFault) {
        guard anchor == nil else {
            throw SourceFault("anchors (&name) are not taken: write it out", at: place)
        }
        guard tag == nil else {
            throw SourceFault("tags (!name) are not taken: quote what is a text", at: place)
        }
    }

    /// What libyaml stopped at.
    private var fault: SourceFault {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "this is no YAML"
        if state.error == YAML_READER_ERROR {
            // The reader knows bytes only.
            let before = text.prefix(state.problem_offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let column = before[start...].count { $0 & 0xc0 != 0x80 } + 1
            return SourceFault(problem, at: TextPlace(line: line, column: column))
        }
        let context = state.context.map { " " + String(cString: $0) } ?? ""
        return SourceFault(problem + context, at: TextPlace(state.problem_mark))
    }
}

extension TextPlace {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
