import Ledger
import Testing
import Tokens

@testable import Execution

/// Golden bytes: an old line that changes here is another ledger.
@Suite struct BankingEffectTests {
    private static let a = Address.contract(0x0101)
    private static let b = Address.contract(0x0202)
    private static let token = TokenID(rawValue: 7)
    private static let word = Hash32(0, 0, 0, 0xabcd)

    static let effects: [(BankingEffect, UInt8, String)] = [
        (
            .admitted(operator: a, bic: "EASTCNBJ"), 0xb0,
            "0000000000000000000000000000000000000101" + "00000008" + "45415354434e424a"
        ),
        (
            .depositTokenSet(token, bank: a, currency: CurrencyCode("CNY")!), 0xb1,
            "00000007" + "0000000000000000000000000000000000000101" + "434e59"
        ),
        (
            .checkerSet(operator: a, checker: b), 0xb2,
            "0000000000000000000000000000000000000101"
                + "0000000000000000000000000000000000000202"
        ),
        (
            .callApproved(operator: a, call: word, checker: b, expiry: 9), 0xb3,
            "0000000000000000000000000000000000000101"
                + "000000000000000000000000000000000000000000000000000000000000abcd"
                + "0000000000000000000000000000000000000202" + "0000000000000009"
        ),
        (
            .issueLimitSet(token, perDay: 5), 0xb4,
            "00000007" + "00000000000000000000000000000005"
        ),
        (
            .operatorChanged(from: a, to: b), 0xb5,
            "0000000000000000000000000000000000000101"
                + "0000000000000000000000000000000000000202"
        ),
        (
            .reserveAttested(
                token,
                ReserveAttestation(
                    statementBalance: 1, supply: 2, statement: word, asOf: 3, since: 4)), 0xb6,
            "00000007" + "00000000000000000000000000000001"
                + "00000000000000000000000000000002"
                + "000000000000000000000000000000000000000000000000000000000000abcd"
                + "0000000000000003" + "0000000000000004"
        ),
        (
            .acceptedAtPar(token, other: TokenID(rawValue: 9), limit: 5), 0xb7,
            "00000007" + "00000009" + "00000000000000000000000000000005"
        ),
        (
            .recovered(from: a, to: b, reason: word, left: 6), 0xb8,
            "0000000000000000000000000000000000000101"
                + "0000000000000000000000000000000000000202"
                + "000000000000000000000000000000000000000000000000000000000000abcd"
                + "0000000000000006"
        ),
    ]

    @Test(arguments: effects.indices)
    func `an effect has the bytes that are written down, and is read back`(_ index: Int) throws {
        let (effect, tag, golden) = Self.effects[index]
        var writer = ByteWriter()
        effect.write(to: &writer)
        #expect(effect.tag == tag && Hex.encode(writer.bytes) == golden)
        #expect(try BankingEffect(tag: tag, payload: writer.bytes[...]) == effect)
        for cut in writer.bytes.indices {
            #expect(throws: DecodingFault.self) {
                try BankingEffect(tag: tag, payload: writer.bytes.prefix(cut))
            }
        }
        #expect(throws: DecodingFault.self) {
            try BankingEffect(tag: tag, payload: (writer.bytes + [0])[...])
        }
        #expect(throws: DecodingFault.self) {
            try BankingEffect(tag: 0xbf, payload: writer.bytes[...])
        }
        #expect(effect.log.address == .banks && effect.log.topics.count >= 2)
    }

    @Test func `records have the bytes that are written down`() throws {
        var bank = BankRecord(operator: Self.a, name: "East")
        bank.checker = Self.b
        bank.bic = "EASTCNBJ"
        bank.tokens = [Self.token, TokenID(rawValue: 9)]
        #expect(
            Hex.encode(bank.bytes)
                == "0000000000000000000000000000000000000101"
                + "0000000000000000000000000000000000000202" + "00000004" + "45617374"
                + "00000008" + "45415354434e424a" + "00000007" + "00000009")
        #expect(try BankRecord(decoding: bank.bytes) == bank)
        var deposit = DepositRecord(bank: 3, currency: CurrencyCode("JPY")!)
        deposit.perDay = 100
        deposit.add(40, at: 86_400 * 5 + 1)
        #expect(
            Hex.encode(deposit.bytes)
                == "0000000000000003" + "4a5059" + "00000000000000000000000000000064"
                + "0000000000000005" + "00000000000000000000000000000028")
        #expect(try DepositRecord(decoding: deposit.bytes) == deposit)
        let approval = CallApproval(checker: Self.a, expiry: 5)
        #expect(
            Hex.encode(approval.bytes)
                == "0000000000000000000000000000000000000101" + "0000000000000005")
        #expect(try CallApproval(decoding: approval.bytes) == approval)
        let acceptances = [
            ParAcceptance(other: Self.token, limit: 5),
            ParAcceptance(other: TokenID(rawValue: 9), limit: 0),
        ]
        #expect(
            Hex.encode(ParAcceptance.bytes(of: acceptances))
                == "00000007" + "00000000000000000000000000000005" + "00000009"
                + "00000000000000000000000000000000")
        #expect(
            try ParAcceptance.decode(ParAcceptance.bytes(of: acceptances)) == acceptances)
        var recovery = Recovery(to: Self.a, reason: Self.word, isChosen: true)
        recovery.position = 7
        #expect(
            Hex.encode(recovery.bytes)
                == "0000000000000000000000000000000000000101"
                + "000000000000000000000000000000000000000000000000000000000000abcd" + "01"
                + "00000007")
        #expect(try Recovery(decoding: recovery.bytes) == recovery)
        for bytes in [bank.bytes, deposit.bytes, approval.bytes] {
            #expect(throws: DecodingFault.self) {
                _ = try DepositRecord(decoding: Array(bytes.dropLast()))
            }
        }
    }
}
