extension Template {
    /// The same template with what opening an order needs: without examples, and without the places of a
    /// text, which take most of the memory.
    ///
    /// It is equal to this one and has its id; its faults say no place.
    public var forOpening: Template {
        var template = self
        template.examples = []
        template.document = DocumentNode(.null)
        return template
    }

    /// About how much memory it takes in bytes, examples and the document that it was read from not counted:
    /// its text twice, once in single texts, and 256 for each part.
    public var weight: Int {
        let forms = require.reduce(price.terms.count) { $0 + $1.form.terms.count }
        let labels = locales.reduce(locales.count) {
            $0 + $1.roles.count + $1.parameters.count + $1.gates.count
        }
        let attestors = gates.reduce(0) { $0 + $1.attest.count }
        let rules = gates.count + lines.count + require.count + forms + attestors
        let parts = 1 + roles.count + parameters.count + labels + rules
        return 2 * canonicalBytes.count + 256 * parts
    }
}
