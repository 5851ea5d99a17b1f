import Ledger
import Tokens

/// That a bank replaced its operator, which had asked for redemptions before.
struct Succession: Hashable {
    /// The last redemption that the replaced key had asked for then.
    let last: UInt64
    /// The bank whose operator it was.
    let bank: UInt64

    /// All of a key in a token, 16 bytes each, in the order in which they happened; `docs/formats/state.md`.
    static func bytes(of successions: [Succession]) -> [UInt8] {
        var writer = ByteWriter(capacity: 16 * successions.count)
        for succession in successions {
            writer.write(succession.last)
            writer.write(succession.bank)
        }
        return writer.bytes
    }

    static func decode(_ bytes: [UInt8]) throws(DecodingFault) -> [Succession] {
        var reader = ByteReader(bytes)
        var successions: [Succession] = []
        while reader.remaining > 0 {
            successions.append(Succession(last: try reader.read(), bank: try reader.read()))
        }
        return successions
    }
}

/// Redemptions that an operator asked for are its bank's: what comes back goes to whoever operates it then.
///
/// `docs/decisions/0019-what-follows-a-bank-to-its-new-key.md`
extension BankRoll {
    /// To whom the tokens of a redemption go back, and how many keys its customer has lost since; the zero address if
    /// there is no such redemption.
    func receiver(ofRedemption id: UInt64) -> (account: Address, lost: Int) {
        tokens.redemption(id).map { receiver(of: $0, id: id) } ?? (.zero, 0)
    }

    /// To whom the tokens of a redemption go back, and how many keys its customer has lost since.
    ///
    /// The first replacement after it was asked for says whose it is. The bank's operator is looked up and not a
    /// chain of keys followed, which keys that come back would make a circle. What is read grows by 16 bytes for each
    /// time that a key, after it came back, asked for a redemption and was replaced once more: each of these is a
    /// decision of two keys or of the banks.
    func receiver(of redemption: Redemption, id: UInt64) -> (account: Address, lost: Int) {
        let successions = successions(of: redemption.owner, in: redemption.token)
        if let succession = successions.first(where: { id <= $0.last }) {
            return (bank(succession.bank)?.operator ?? redemption.owner, 0)
        }
        return customer(of: redemption, id: id)
    }

    /// Notes, as a key of a bank is replaced, that what it asked for so far is that bank's.
    func noteSuccession(of account: Address, in token: TokenID, by bank: UInt64) {
        let last = tokens.lastRedemption(of: account)
        var successions = successions(of: account, in: token)
        // What it asked for before an earlier replacement is spoken for.
        guard last > successions.last?.last ?? 0 else { return }
        successions.append(Succession(last: last, bank: bank))
        state.setObject(
            BankingKey.successions(of: account, in: token), Succession.bytes(of: successions))
    }

    private func successions(of account: Address, in token: TokenID) -> [Succession] {
        state.object(BankingKey.successions(of: account, in: token)).map { bytes in
            believed { try Succession.decode(bytes) }
        } ?? []
    }
}
