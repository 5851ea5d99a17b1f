extension String {
    /// How many columns of a terminal the text takes: Chinese characters take two.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text with spaces behind it, so many columns wide; unchanged where it is wider.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - columns))
    }

    /// The text in lines of at most so many columns; it breaks at spaces, and between Chinese characters.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in Self.pieces(of: self) {
            if !line.isEmpty, line.columns + word.columns > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty && word == " " ? "" : word
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines.map { $0.last == " " ? String($0.dropLast()) : $0 }
    }

    /// Words, spaces, and wide characters each alone.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var word = ""
        for character in text {
            let isAlone = character == " " || character.columns == 2
            if isAlone {
                if !word.isEmpty { pieces.append(word) }
                pieces.append(String(character))
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? pieces : pieces + [word]
    }
}

extension Character {
    /// 2 for what East Asian typography writes in a full square, else 1.
    fileprivate var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        return Self.wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// The ranges of wide and full-width characters (Unicode Standard Annex 11) that matter to texts.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
        0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe4f, 0xff00...0xff60,
        0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
    ]
}
