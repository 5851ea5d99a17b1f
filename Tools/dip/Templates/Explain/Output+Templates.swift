extension Output {
    /// What a template is called and what it is for.
    static func heading(_ texts: TemplateTexts) {
        line(texts.name)
        for text in texts.description.wrapped(to: 96) where !text.isEmpty { line("  " + text) }
        line("")
    }

    /// What comes of an order: when all goes well, payment by payment; then every outcome in a row.
    static func explanation(_ explanation: Explanation, all: Bool) -> [String] {
        let words = explanation.texts.words
        var lines: [String] = []
        if let best = explanation.outcomes.first {
            lines.append(words.ifAllGoesWell)
            lines += explanation.timeline(best).map { "  " + $0 }
        }
        guard explanation.outcomes.count > 1 else { return lines }
        lines += ["", words.everyOutcome]
        return lines + explanation.table(all: all).map { "  " + $0 }
    }

    /// Prints what comes of an order.
    static func explain(_ explanation: Explanation, all: Bool) {
        for text in self.explanation(explanation, all: all) { line(text) }
    }
}
