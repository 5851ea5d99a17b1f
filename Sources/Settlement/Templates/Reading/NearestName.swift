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

    /// How many bytes must be changed, added or left out (Levenshtein), letters of either case alike.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in other.indices {
                let isSame = lower(byte) == lower(other[place])
                let changed = isSame ? diagonal : diagonal + 1
                diagonal = row[place + 1]
                row[place + 1] = min(changed, min(diagonal, row[place]) + 1)
            }
        }
        return row[other.count]
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }
}
