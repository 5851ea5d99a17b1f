import Ledger
import Testing

@testable import Tokens

/// Golden bytes: an old line that changes here is another ledger.
@Suite struct DepositEffectTests {
    private static let a = Address.contract(0x0101)
    private static let token = TokenID(rawValue: 7)
    private static let word = Hash32(0, 0, 0, 0xabcd)
    private static let wordHex =
        "000000000000000000000000000000000000000000000000000000000000abcd"
    private static let aHex = "0000000000000000000000000000000000000101"

    private static var held: Tokens.Issue {
        var issue = Tokens.Issue(to: a, amount: 6, reference: word)
        issue.isHeld = true
        return issue
    }

    static let effects: [(DepositEffect, UInt8, String, Int)] = [
        (
            .issued(token, [Tokens.Issue(to: a, amount: 5, reference: word), held]), 0x20,
            "00000007" + "00" + aHex + "00000000000000000000000000000005" + wordHex + "01" + aHex
                + "00000000000000000000000000000006" + wordHex, 5
        ),
        (
            .requested(
                1, token: token, owner: a, amount: 5, payout: word, deadline: 9,
                isAutomatic: true), 0x21,
            "0000000000000001" + "00000007" + aHex + "00000000000000000000000000000005" + wordHex
                + "0000000000000009" + "01", 2
        ),
        (.instructed(1, message: word), 0x22, "0000000000000001" + wordHex, 1),
        (
            .settled(1, token: token, amount: 5, reference: word), 0x23,
            "0000000000000001" + "00000007" + "00000000000000000000000000000005" + wordHex, 2
        ),
        (
            .rejected(1, token: token, owner: a, amount: 5, isHeld: true, reason: "AC04"), 0x24,
            "0000000000000001" + "00000007" + aHex + "00000000000000000000000000000005" + "01"
                + "00000004" + "41433034", 3
        ),
        (
            .returned(1, token: token, owner: a, amount: 5, isHeld: false), 0x25,
            "0000000000000001" + "00000007" + aHex + "00000000000000000000000000000005" + "00", 2
        ),
        (
            .autoRedeemSet(token, account: a, payout: word, minimum: 5), 0x26,
            "00000007" + aHex + wordHex + "00000000000000000000000000000005", 1
        ),
        (
            .converted(
                account: a, from: token, to: TokenID(rawValue: 8), amount: 5,
                holder: .contract(0x0202)), 0x27,
            aHex + "00000007" + "00000008" + "00000000000000000000000000000005"
                + "0000000000000000000000000000000000000202", 3
        ),
        (.payoutTokenSet(account: a, token), 0x28, aHex + "00000007", 1),
        (.payoutTokenSet(account: a, nil), 0x28, aHex + "00000000", 1),
    ]

    @Test(arguments: effects.indices)
    func `an effect has the bytes that are written down, and is read back`(_ index: Int) throws {
        let (effect, tag, golden, logs) = Self.effects[index]
        var writer = ByteWriter()
        effect.write(to: &writer)
        #expect(effect.tag == tag && Hex.encode(writer.bytes) == golden)
        #expect(try TokenEffect(tag: tag, payload: writer.bytes[...]) == .deposit(effect))
        #expect(effect.logs.count == logs)
        for cut in writer.bytes.indices where tag != TokenEffectTag.issued || (cut + 65) % 69 != 0 {
            #expect(throws: DecodingFault.self, "\(cut)") {
                try TokenEffect(tag: tag, payload: writer.bytes.prefix(cut))
            }
        }
        #expect(throws: DecodingFault.self) {
            try TokenEffect(tag: tag, payload: (writer.bytes + [2])[...])
        }
    }

    @Test func `a redemption has the bytes that are written down`() throws {
        let redemption = Redemption(
            state: .instructed, token: Self.token, owner: Self.a, amount: 5, payout: Self.word,
            deadline: 9, previous: 3)
        #expect(
            Hex.encode(redemption.bytes)
                == "02" + "00000007" + Self.aHex + "00000000000000000000000000000005"
                + Self.wordHex + "0000000000000009" + "0000000000000003")
        #expect(believed(redemption.bytes, Redemption.init(from:)) == redemption)
        var bad = ByteReader([0] + redemption.bytes.dropFirst())
        #expect(throws: DecodingFault.self) { try Redemption(from: &bad) }
        let key = DepositKey.deadline(RedemptionTimer(deadline: 9, id: 3))
        #expect(Hex.encode(key) == "4b" + "0000000000000009" + "0000000000000003")
        #expect(
            Hex.encode(DepositKey.reference(Self.token, Self.word)) == "4800000007" + Self.wordHex)
        #expect(Hex.encode(DepositKey.autoRedeem(Self.token, Self.a)) == "4c00000007" + Self.aHex)
        #expect(Hex.encode(DepositKey.payoutTokens(Self.a)) == "4e" + Self.aHex)
    }

    @Test func `a token keeps its flags apart`() throws {
        var record = TokenRecord.dip
        for byte in 0..<8 as Range<UInt8> {
            record.isPaused = byte & 1 != 0
            record.isDeposit = byte & 2 != 0
            record.isAccepted = byte & 4 != 0
            #expect(record.changingBytes.last == byte)
            let flags = try TokenRecord.read(changing: record.changingBytes).1
            #expect(flags == record.flags && flags.rawValue == byte)
        }
    }
}
