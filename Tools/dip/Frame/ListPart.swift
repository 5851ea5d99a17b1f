import JSON

/// As much of a list of the node's as was asked for.
struct ListPart {
    let elements: [JSON]
    /// Whether the list goes on behind them.
    let isTruncated: Bool

    /// Reads pages, from `next` to `next`.
    ///
    /// - Parameters:
    ///   - member: under which a page has its elements.
    ///   - most: how many elements at most.
    ///   - page: asks for the page that begins at a place, of so many elements at most.
    /// - Throws: what asking throws.
    init(
        _ member: String, atMost most: Int,
        _ page: (_ from: JSON, _ limit: Int) async throws -> JSON
    ) async throws {
        var elements: [JSON] = []
        var next: JSON? = 0
        while let from = next, elements.count < most {
            let found = try await page(from, min(1000, most - elements.count))
            elements += found[member]?.elements ?? []
            next = found["next"]?.present
        }
        self.elements = elements
        isTruncated = next != nil
    }

    /// What a program reads: the list under a name, and `truncated` where it goes on.
    func json(_ name: String, _ others: [(String, JSON?)] = []) -> JSON {
        .members(
            others + [(name, .array(elements)), ("truncated", isTruncated ? true : nil)])
    }

    /// Tells a person that the list goes on.
    func noteRest() {
        if isTruncated { Output.note("only the first \(elements.count) are shown: --limit") }
    }
}
