import Ledger
import Tokens

/// Repeatable chance: SplitMix64.
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 to below `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

    /// A word as calls have them: mostly small numbers and offsets, accounts, sometimes anything.
    mutating func word() -> Hash32 {
        switch below(6) {
        case 0: Hash32(0, 0, 0, UInt64(below(4)))
        case 1: Hash32(0, 0, 0, UInt64(below(10)) * 32)
        case 2: Hash32(word: Desk.person(pick(Desk.people)))
        case 3: Hash32(word: pick([Address.zero, .orders, .treasury]))
        case 4: pick(TokenRole.allCases).id
        default: Hash32(next(), next(), next(), next())
        }
    }
}
