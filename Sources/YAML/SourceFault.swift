import Settlement

/// Why a file cannot be read, and where.
package struct SourceFault: Error, Equatable, CustomStringConvertible {
    package let place: TextPlace
    package let why: String

    package init(_ why: String, at place: TextPlace) {
        self.place = place
        self.why = why
    }

    /// `line:column: why`, to stand behind a file's name.
    package var description: String { "\(place.line):\(place.column): \(why)" }
}
