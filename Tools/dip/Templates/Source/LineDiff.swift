/// What changed between two texts, line by line.
struct LineDiff {
    enum Line: Equatable {
        case same(String)
        case removed(String)
        case added(String)
    }

    let lines: [Line]

    /// Compares two texts.
    init(from old: [String], to new: [String]) {
        let change = new.difference(from: old)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for step in change {
            switch step {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var lines: [Line] = []
        var (from, to) = (0, 0)
        while from < old.count || to < new.count {
            if from < old.count, removed.contains(from) {
                lines.append(.removed(old[from]))
                from += 1
            } else if to < new.count, added.contains(to) {
                lines.append(.added(new[to]))
                to += 1
            } else {
                lines.append(.same(new[to]))
                from += 1
                to += 1
            }
        }
        self.lines = lines
    }

    /// Whether nothing changed.
    var isEmpty: Bool {
        lines.allSatisfy { if case .same = $0 { true } else { false } }
    }

    /// `-` before what went, `+` before what came, and so many unchanged lines around them.
    func text(context: Int = 3) -> [String] {
        let changed = lines.indices.filter { if case .same = lines[$0] { false } else { true } }
        var shown: Set<Int> = []
        for index in changed {
            shown.formUnion(max(0, index - context)...min(lines.count - 1, index + context))
        }
        var text: [String] = []
        var last = -1
        for index in shown.sorted() {
            if index > last + 1 { text.append("  …") }
            last = index
            switch lines[index] {
            case .same(let line): text.append("  " + line)
            case .removed(let line): text.append("- " + line)
            case .added(let line): text.append("+ " + line)
            }
        }
        if last >= 0, last < lines.count - 1 { text.append("  …") }
        return text
    }
}
