import Ledger
import Testing

@testable import Tokens

/// The bytes of redemptions, and of what the scenarios store no example of, written down by `docs/formats/state.md`.
@Suite struct DepositBytesTests {
    private let owner = Address(high: 0, middle: 0, low: 0xa1)
    private let ownerHex = String(repeating: "0", count: 38) + "a1"
    private let word = Hash32(1, 2, 3, 4)
    private let wordHex =
        "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"

    @Test func `keys are as they are documented`() {
        let token = TokenID(rawValue: 5)
        let keys: [([UInt8], String)] = [
            (TokenKey.permitNonce(token, owner: owner), "07" + "00000005" + ownerHex),
            (DepositKey.reference(token, word), "48" + "00000005" + wordHex),
            (DepositKey.count, "49"), (DepositKey.redemption(9), "4a" + "0000000000000009"),
            (
                DepositKey.deadline(RedemptionTimer(deadline: 8, id: 9)),
                "4b" + "0000000000000008" + "0000000000000009"
            ),
            (DepositKey.autoRedeem(token, owner), "4c" + "00000005" + ownerHex),
            (DepositKey.lastRedemption(owner), "4d" + ownerHex),
            (DepositKey.payoutTokens(owner), "4e" + ownerHex),
        ]
        for (key, documented) in keys { #expect(Hex.encode(key) == documented) }
        #expect(DepositKey.present == [1])
    }

    @Test func `a redemption is, byte by byte, as it is documented`() throws {
        let redemption = Redemption(
            state: .instructed, token: TokenID(rawValue: 5), owner: owner, amount: 6, payout: word,
            deadline: 7, previous: 8)
        #expect(
            Hex.encode(redemption.bytes)
                == "02" + "00000005" + ownerHex + "00000000000000000000000000000006" + wordHex
                + "0000000000000007" + "0000000000000008")
    }
}
