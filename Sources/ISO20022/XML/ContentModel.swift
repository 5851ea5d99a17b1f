/// Which children an element may have, in which order, and which it must have.
///
/// Written like the content models of document types: `Id CreDtTm? Bal+ Ntry* AddtlInf?`, with `IBAN|Othr` for one of two.
struct ContentModel: Sendable {
    struct Item: Sendable {
        let tags: [Tag]
        let isRequired: Bool
        let repeats: Bool
    }

    let items: [Item]

    init(_ text: String) {
        items = text.split { $0 == " " || $0 == "\n" }.map { word in
            let sign = word.last.flatMap { "?*+".contains($0) ? $0 : nil }
            let names = sign == nil ? word : word.dropLast()
            return Item(
                tags: names.split(separator: "|").map { name in
                    guard let tag = Tag(xmlName: String(name)) else {
                        preconditionFailure("a content model names \(name), which is no tag")
                    }
                    return tag
                }, isRequired: sign == nil || sign == "+", repeats: sign == "*" || sign == "+")
        }
    }
}

/// Walks over the children of an element and holds them against its content model.
struct Children {
    private let model: ContentModel
    /// How many elements are open when the parent is.
    private let depth: Int
    /// The item that was met last, or is to be met first.
    private var place = 0
    private var hasMet = false
    private var isClosed = false

    /// The children of the element that was just opened.
    init(_ model: ContentModel, of stream: borrowing XMLStream) {
        self.model = model
        depth = stream.depth
    }

    /// Moves to the next child and opens it; what is left of the child before is passed over.
    ///
    /// - Returns: the child's tag, or nil when the parent is closed, and ever after.
    /// - Throws: ``MessageFault`` where the model does not allow what comes.
    mutating func next(_ stream: inout XMLStream) throws(MessageFault) -> Tag? {
        while !isClosed {
            switch try stream.read() {
            case .start where stream.depth == depth + 1: return try admit(&stream)
            case .text where stream.depth == depth && !stream.isBlank:
                throw stream.fault(.unexpected, "there is text between the elements")
            case .end where stream.depth < depth:
                if let item = firstRequired(before: model.items.count) {
                    throw stream.faultInClosed(.missing, Self.missing(item))
                }
                isClosed = true
            case .done: throw stream.fault(.truncated, "the file ends before its last element does")
            case .start, .text, .end: continue
            }
        }
        return nil
    }

    /// Moves to the next child that is `tag` and opens it; others are passed over.
    ///
    /// - Returns: false when the parent is closed.
    mutating func moves(to tag: Tag, _ stream: inout XMLStream) throws(MessageFault) -> Bool {
        while let next = try next(&stream) {
            if next == tag { return true }
        }
        return false
    }

    private mutating func admit(_ stream: inout XMLStream) throws(MessageFault) -> Tag {
        guard stream.isInNamespace, let tag = stream.tag,
            let index = model.items.firstIndex(where: { $0.tags.contains(tag) })
        else { throw stream.fault(.unexpected, "the message has no such element here") }
        if index < place {
            throw stream.fault(.unexpected, "the element stands too late, or a second time")
        }
        if index == place, hasMet, !model.items[index].repeats {
            throw stream.fault(.unexpected, "the element stands here a second time")
        }
        if let item = firstRequired(before: index) {
            throw stream.fault(.missing, Self.missing(item))
        }
        place = index
        hasMet = true
        return tag
    }

    private func firstRequired(before end: Int) -> ContentModel.Item? {
        let first = hasMet ? place + 1 : place
        guard first < end else { return nil }
        return model.items[first..<end].first(where: \.isRequired)
    }

    private static func missing(_ item: ContentModel.Item) -> String {
        item.tags.map { "<\($0.xmlName)>" }.joined(separator: " or ")
            + " is missing before this place"
    }
}
