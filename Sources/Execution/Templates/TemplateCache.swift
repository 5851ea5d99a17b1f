import Ledger
import Settlement

/// Parsed templates by their ids, as many as a bound on their memory allows.
///
/// Which ones are kept shows only in the time that it takes.
struct TemplateCache {
    /// The most that they weigh together; one is at most some hundreds of kilobytes.
    private let weightMost: Int
    private var templates: [Hash32: Template] = [:]
    /// What those that are kept weigh, as ``Template/weight`` says.
    private(set) var weight = 0

    init(weightMost: Int = 16 << 20) { self.weightMost = weightMost }

    subscript(id: Hash32) -> Template? { templates[id] }

    /// Keeps what opening orders needs of a template that is not kept yet; all others go where they would
    /// weigh too much together.
    mutating func add(_ template: Template, _ id: Hash32) {
        let kept = template.forOpening
        if weight + kept.weight > weightMost {
            templates.removeAll()
            weight = 0
        }
        guard kept.weight <= weightMost else { return }
        templates[id] = kept
        weight += kept.weight
    }
}
