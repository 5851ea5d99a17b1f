import Ledger
import TestSupport
import Tokens

extension SeededNumbers {
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
