/// A place in a text that a person wrote.
public struct TextPlace: Hashable, Sendable {
    /// From 1.
    public let line: Int
    /// From 1, in characters (Unicode scalars).
    public let column: Int

    /// Makes a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A fault in a template or its bindings: where and why.
public struct TemplateFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value that is at fault, as a JSON pointer (RFC 6901); empty for the whole document.
    public let pointer: String
    /// One phrase for a person.
    public let why: String
    /// Where it stands in the text; nil where there is no text.
    public let place: TextPlace?

    /// Makes a fault.
    public init(_ pointer: String, _ why: String, at place: TextPlace? = nil) {
        self.pointer = pointer
        self.why = why
        self.place = place
    }

    /// `3:14 /roles/buyer: why`.
    public var description: String {
        let start = place.map { "\($0.line):\($0.column) " } ?? ""
        return start + (pointer.isEmpty ? why : "\(pointer): \(why)")
    }
}
