import Ledger
import Tokens

/// A sum over balances of all accounts in all tokens, by which two ways of coming to them are compared without
/// keeping them.
///
/// Each balance counts with a weight of 128 bits that the account and the token give, modulo 2^128. As the sum is
/// linear, it can be had from movements as well as from balances, and is the same only if every balance is: weights
/// are hashes, so that differences cancel out with a probability that is no concern.
struct BalanceSum: Equatable {
    private(set) var value: UInt128 = 0

    /// Counts an amount that an account has more.
    mutating func add(_ amount: UInt128, to account: Address, in token: TokenID) {
        value &+= amount &* Self.weight(account, token)
    }

    /// Counts an amount that an account has less.
    mutating func take(_ amount: UInt128, from account: Address, in token: TokenID) {
        value &-= amount &* Self.weight(account, token)
    }

    private static func weight(_ account: Address, _ token: TokenID) -> UInt128 {
        let word = Hash32(word: account).parts
        let key = Hash32(UInt64(token.rawValue), word.1, word.2, word.3)
        let hash = SHA256.hash(tag: 0, key, .zero).parts
        return UInt128(hash.0) << 64 | UInt128(hash.1)
    }
}
