import Ledger

/// The story of a run: a hash over everything that happened and, if somebody wants to read it, the words.
///
/// Two runs are the same if their hashes are. Words are made only when they are kept, so that a run
/// without a reader costs nothing.
struct Trace {
    /// Over every note so far, with its time.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How many notes there were.
    private(set) var count = 0
    /// The words, if they are kept.
    private(set) var lines: [String] = []
    let keepsWords: Bool
    /// When the next note happens, microseconds.
    var now: UInt64 = 0

    init(keepsWords: Bool) { self.keepsWords = keepsWords }

    /// Notes what happened to a node, or to none.
    mutating func note(
        _ what: StaticString, _ node: Int? = nil, _ first: UInt64 = 0, _ second: UInt64 = 0,
        words: @autoclosure () -> String = ""
    ) {
        count += 1
        mix(now)
        mix(UInt64(bitPattern: Int64(node ?? -1)))
        what.withUTF8Buffer { for byte in $0 { hash = (hash ^ UInt64(byte)) &* Self.prime } }
        mix(first)
        mix(second)
        guard keepsWords else { return }
        let time = "\(now / 1000).\(String(1000 + now % 1000).dropFirst())"
        let place = node.map { "  node \($0 + 1)  " } ?? "  "
        var numbers = ""
        if first != 0 || second != 0 { numbers = " \(first)" }
        if second != 0 { numbers += " \(second)" }
        let words = words()
        lines.append("\(time)\(place)\(what)\(numbers)\(words.isEmpty ? "" : ": ")\(words)")
    }

    private static let prime: UInt64 = 0x100_0000_01B3

    private mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
    }
}
