import Ledger
import Testing
import Tokens

@testable import Execution

/// The bytes of what governance, economy, banks and entities keep in the state, written down by `docs/formats/state.md`.
///
/// An old ledger is read by them, and they stand in every header's root: whoever changes them makes another ledger.
/// Those of templates are in `StoredTemplateTests`, those of tokens, orders and redemptions in `TokensTests`.
@Suite struct StoredBytesTests {
    private static let (alice, bob) = (
        Address(high: 0, middle: 0, low: 0xa1), Address(high: 0, middle: 0, low: 0xb0)
    )
    private static let word = Hash32(1, 2, 3, 4)
    private static let (aliceHex, bobHex) = (
        String(repeating: "0", count: 38) + "a1", String(repeating: "0", count: 38) + "b0"
    )
    private static let wordHex =
        "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"

    /// A whole number at its full width.
    private static func hex(_ value: UInt128, _ bytes: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 2 * bytes - digits.count) + digits
    }

    private static func text(_ text: String) -> String {
        hex(UInt128(text.utf8.count), 4) + Hex.encode(Array(text.utf8))
    }

    @Test func `keys are as they are documented`() {
        let (alice, word) = (Self.alice, Self.word)
        let keys: [([UInt8], String)] = [
            (GovernanceKey.rules, "20"), (GovernanceKey.banks, "21"),
            (GovernanceKey.bankChanges, "22"), (GovernanceKey.versions, "23"),
            (GovernanceKey.reviewers, "24"), (GovernanceKey.count, "25"),
            (GovernanceKey.proposal(7), "26" + Self.hex(7, 8)), (GovernanceKey.waiting, "27"),
            (GovernanceKey.rotations, "28"),
            (EconomyKey.total(.treasuryPayment), "3007"), (EconomyKey.epochs, "31"),
            (EconomyKey.sample(9), "32" + Self.hex(9, 8)), (EconomyKey.paid, "33"),
            (EntityKey.entity(alice), "34" + Self.aliceHex),
            (TemplateKey.count, "38"), (TemplateKey.place(3), "39" + Self.hex(3, 8)),
            (TemplateKey.content(word), "3a" + Self.wordHex),
            (TemplateKey.record(word), "3b" + Self.wordHex),
            (TemplateKey.use(word), "3c" + Self.wordHex),
            (BankingKey.bank(2), "40" + Self.hex(2, 8)),
            (BankingKey.operator(alice), "41" + Self.aliceHex),
            (BankingKey.checker(alice), "42" + Self.aliceHex),
            (BankingKey.approval(2, word), "43" + Self.hex(2, 8) + Self.wordHex),
            (BankingKey.deposit(TokenID(rawValue: 5)), "44" + Self.hex(5, 4)),
            (BankingKey.reserve(TokenID(rawValue: 5)), "45" + Self.hex(5, 4)),
            (BankingKey.tokens, "46"),
            (BankingKey.acceptances(TokenID(rawValue: 5)), "47" + Self.hex(5, 4)),
            (BankingKey.recovery(2, alice), "4f" + Self.hex(2, 8) + Self.aliceHex),
            (
                BankingKey.successions(of: alice, in: TokenID(rawValue: 5)),
                "50" + Self.aliceHex + Self.hex(5, 4)
            ),
        ]
        for (key, documented) in keys { #expect(Hex.encode(key) == documented) }
    }

    @Test func `what governance keeps is, byte by byte, as it is documented`() throws {
        let rules = Rules(
            gasPrice: 1, blockGasLimit: 2, blockByteLimit: 3, stepLimit: 4, publicationFee: 5,
            reviewFee: 6, requiredReviews: 7, royaltyDeveloper: 8, royaltyReviewers: 9,
            epochBlocks: 10, nodeShare: 11, redemptionDeadline: 12)
        let sizes = [16, 8, 4, 4, 16, 16, 1, 2, 2, 4, 2, 8]
        #expect(
            Hex.encode(rules.bytes)
                == zip(1..., sizes).map { Self.hex(UInt128($0), $1) }.joined())

        var versions = VersionSchedule()
        versions.add(2, from: 300)
        #expect(Hex.encode(versions.bytes) == Self.hex(300, 8) + "0002")

        let council = Council(banks: 2)
        var proposal = StoredProposal(kind: .setParameter, by: Self.alice, expiry: 8, data: [9, 9])
        for (bank, yes) in [(2, false), (1, true)] as [(UInt64, Bool)] {
            proposal.take(
                .init(bank: bank, account: Self.bob, yes: yes), among: council.machine.bankSet)
        }
        proposal.state = .enacted(height: 4)
        #expect(
            Hex.encode(proposal.bytes)
                == Self.hex(UInt128(IGovernance.Kind.setParameter.rawValue), 1) + Self.aliceHex
                + Self.hex(8, 8) + "02" + Self.hex(4, 8) + "00000002" + "0909" + "02"
                + Self.hex(1, 8) + Self.bobHex + "01" + Self.hex(2, 8) + Self.bobHex + "00")

        let governance = council.machine.governance
        governance.setCount(6)
        governance.setWaiting([.init(height: 3, id: 1), .init(height: 3, id: 2)])
        governance.setReviewers([Self.alice, Self.bob])
        let stored = [GovernanceKey.count, GovernanceKey.waiting, GovernanceKey.reviewers].map {
            council.machine.state.object($0).map { Hex.encode($0) }
        }
        #expect(
            stored == [
                Self.hex(6, 8), Self.hex(3, 8) + Self.hex(1, 8) + Self.hex(3, 8) + Self.hex(2, 8),
                Self.aliceHex + Self.bobHex,
            ])
    }

    @Test func `what the economy keeps is, byte by byte, as it is documented`() {
        var epochs = Epochs(blocks: 20)
        let first = Self.hex(0, 8) + Self.hex(1, 8) + Self.hex(20, 4) + Self.hex(0, 16)
        #expect(Hex.encode(epochs.bytes) == first)
        let ended = epochs.current
        epochs.current = Epoch(number: 1, first: 21, blocks: 30, feesBefore: 5)
        epochs.previous = EndedEpoch(epoch: ended, fees: 5)
        #expect(
            Hex.encode(epochs.bytes)
                == Self.hex(1, 8) + Self.hex(21, 8) + Self.hex(30, 4) + Self.hex(5, 16)
                + Self.hex(1, 8) + Self.hex(20, 4) + Self.hex(5, 16))
        var sample = Sample(header: Self.word, nextID: 4)
        _ = sample.count(3)
        _ = sample.count(1)
        #expect(
            Hex.encode(sample.bytes)
                == Self.wordHex + Self.hex(4, 8) + Self.hex(1, 8) + Self.hex(3, 8))
        let account = EpochAccount(
            epoch: 2, fees: 100, parts: [.init(bank: 1, account: Self.alice, signed: 6, amount: 50)]
        )
        #expect(
            Hex.encode(account.bytes)
                == Self.hex(2, 8) + Self.hex(100, 16) + Self.hex(1, 8) + Self.aliceHex
                + Self.hex(6, 4) + Self.hex(50, 16))
    }

    @Test func `what banks keep is, byte by byte, as it is documented`() throws {
        var bank = BankRecord(operator: Self.alice, name: "First Bank")
        bank.checker = Self.bob
        bank.bic = "FIRSDEFF"
        bank.tokens = [TokenID(rawValue: 5), TokenID(rawValue: 6)]
        #expect(
            Hex.encode(bank.bytes)
                == Self.aliceHex + Self.bobHex + Self.text("First Bank") + Self.text("FIRSDEFF")
                + Self.hex(5, 4) + Self.hex(6, 4))
        #expect(
            Hex.encode(CallApproval(checker: Self.bob, expiry: 9).bytes)
                == Self.bobHex + Self.hex(9, 8))
        var deposit = DepositRecord(bank: 2, currency: try #require(CurrencyCode("EUR")))
        deposit.perDay = 1_000
        deposit.add(7, at: 3 * 86_400 + 5)
        #expect(
            Hex.encode(deposit.bytes)
                == Self.hex(2, 8) + "455552" + Self.hex(1_000, 16) + Self.hex(3, 8)
                + Self.hex(7, 16))
        let reserve = ReserveAttestation(
            statementBalance: 10, supply: 9, statement: Self.word, asOf: 8, since: 7)
        #expect(
            Hex.encode(reserve.bytes)
                == Self.hex(10, 16) + Self.hex(9, 16) + Self.wordHex + Self.hex(8, 8)
                + Self.hex(7, 8))
        #expect(
            Hex.encode(ParAcceptance.bytes(of: [.init(other: TokenID(rawValue: 6), limit: 40)]))
                == Self.hex(6, 4) + Self.hex(40, 16))
        var recovery = Recovery(to: Self.bob, reason: Self.word, isChosen: true)
        recovery.position = 64
        let successions = [Succession(last: 7, bank: 2), Succession(last: 9, bank: 3)]
        #expect(
            Hex.encode(Succession.bytes(of: successions))
                == Self.hex(7, 8) + Self.hex(2, 8) + Self.hex(9, 8) + Self.hex(3, 8))
        #expect(try Succession.decode(Succession.bytes(of: successions)) == successions)
        #expect(Hex.encode(recovery.bytes) == Self.bobHex + Self.wordHex + "01" + Self.hex(64, 4))
    }

    @Test func `an entity is, byte by byte, as it is documented`() throws {
        let bank = try #require(Council(banks: 1).machine.bankSet.banks.first)
        let entity = try LegalEntity(EntityTests.entity(code: "", name: "Firm", industry: "C34"))
        var stored = StoredEntity(entity, by: bank, since: 11)
        stored.isActive = false
        let lei =
            Hex.encode(Array(IdentifierTests.leis[0].utf8)) + String(repeating: "00", count: 12)
        #expect(
            Hex.encode(stored.bytes)
                == Self.hex(1, 8) + Hex.encode(bank.operator.bytes) + Self.hex(11, 8) + "00" + lei
                + Self.text("") + Self.text("Firm") + Self.text("C34"))
    }
}
