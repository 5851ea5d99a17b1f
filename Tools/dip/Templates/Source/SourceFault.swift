import Settlement

/// Why a file cannot be read, and where.
struct SourceFault: Error, Equatable, CustomStringConvertible {
    let place: TextPlace
    let why: String

    init(_ why: String, at place: TextPlace) {
        self.place = place
        self.why = why
    }

    /// `line:column: why`, to stand behind a file's name.
    var description: String { "\(place.line):\(place.column): \(why)" }
}
