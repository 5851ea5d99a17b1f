/// Finds the word that somebody may have meant.
enum NearestName {
    /// ` (did you mean "x"?)`, or nothing where no word is near.
    static func hint(for word: String, among known: [String]) -> String {
        let word = Array(word.utf8)
        // A word of any length costs no more than a short one.
        guard word.count <= 40 else { return "" }
        var best: (name: String, distance: Int)?
        for name in known.prefix(128) {
            let distance = distance(word, Array(name.utf8.prefix(64)))
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        guard let best, best.distance <= max(1, word.count / 3) else { return "" }
        return " (did you mean \"\(best.name)\"?)"
    }

    /// How many bytes must be changed, added, left out or swapped with the next, letters of either case alike.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before: [Int] = []
        var row = Array(0...other.count)
        for index in one.indices {
            var next = [index + 1]
            for place in other.indices {
                let isSame = lower(one[index]) == lower(other[place])
                var cost = min(row[place] + (isSame ? 0 : 1), min(row[place + 1], next[place]) + 1)
                if index > 0, place > 0, lower(one[index]) == lower(other[place - 1]),
                    lower(one[index - 1]) == lower(other[place])
                {
                    cost = min(cost, before[place - 1] + 1)
                }
                next.append(cost)
            }
            before = row
            row = next
        }
        return row[other.count]
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }
}
