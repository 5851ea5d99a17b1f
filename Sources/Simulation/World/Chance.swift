/// A seeded source of chance: the same seed gives the same run on every machine.
struct Chance: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The next 64 bits, by SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number from 0 up to, not including, a limit above 0.
    mutating func below(_ limit: UInt64) -> UInt64 { next() % limit }

    /// An index into something that is not empty.
    mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// A number of a range.
    mutating func number(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + next() % (range.upperBound - range.lowerBound + 1)
    }

    /// True so many times of a thousand.
    mutating func happens(_ perMille: UInt64) -> Bool { next() % 1000 < perMille }

    /// One of several.
    mutating func pick<Element>(_ all: [Element]) -> Element { all[index(all.count)] }
}
