import Ledger
import Tokens

/// That a customer lost a key, under which it may have asked for money before, and has another one.
struct Following: Hashable {
    /// The last redemption that the lost key had asked for then; 0 if none.
    let last: UInt64
    /// The key that the customer got.
    let to: Address

    /// The canonical bytes, 28; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 28)
        writer.write(last)
        writer.write(to)
        return writer.bytes
    }

    init(last: UInt64, to: Address) {
        self.last = last
        self.to = to
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        last = try reader.read()
        to = try reader.readAddress()
        try reader.finish()
    }
}

/// Redemptions that a customer asked for with a key that it lost: what comes back goes to the key that it has.
///
/// `docs/decisions/0021-what-a-customer-asked-for-follows-it.md`
extension BankRoll {
    /// How many lost keys of a customer are followed, one after another, to the one that it has.
    static let keysFollowed = 16

    /// Notes, as a customer of a bank gets another key, that what the lost one asked for so far is that one's.
    ///
    /// - Returns: whether that was not known.
    func follow(from: Address, to: Address, by bank: UInt64) -> Bool {
        // Whoever gets something now has its key: from here on nothing of it goes elsewhere. So no key is ever led back
        // to itself, however often a customer changes between two.
        if following(of: to, by: bank) != nil {
            state.setObject(BankingKey.following(bank, to), nil)
        }
        let new = Following(last: tokens.lastRedemption(of: from), to: to)
        guard following(of: from, by: bank) != new else { return false }
        state.setObject(BankingKey.following(bank, from), new.bytes)
        return true
    }

    /// To whom what came back to a customer's key goes.
    ///
    /// - Parameters:
    ///   - redemption: what was asked for.
    ///   - id: its number.
    /// - Returns: the key, and how many were lost before.
    func customer(of redemption: Redemption, id: UInt64) -> (account: Address, lost: Int) {
        var account = redemption.owner
        guard let bank = bank(of: redemption.token) else { return (account, 0) }
        for lost in 0..<Self.keysFollowed {
            // What a lost key asked for later is its own. Of those after it there is no such question: a key that
            // was lost before it was given to somebody was found again by that.
            guard let next = following(of: account, by: bank), lost > 0 || id <= next.last else {
                return (account, lost)
            }
            account = next.to
        }
        return (account, Self.keysFollowed)
    }

    /// What is noted of a key that a customer of a bank has lost.
    func following(of account: Address, by bank: UInt64) -> Following? {
        state.object(BankingKey.following(bank, account)).map { bytes in
            believed { try Following(decoding: bytes) }
        }
    }
}
