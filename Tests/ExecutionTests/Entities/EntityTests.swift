import Ledger
import Testing

@testable import Execution

/// Banks attest who is behind an account.
@Suite struct EntityTests {
    static let account = Address(high: 5, middle: 5, low: 5)

    static func entity(
        lei: String? = IdentifierTests.leis[0], code: String = IdentifierTests.codes[0],
        name: String = "东方机械有限公司", industry: String = "C34"
    ) -> IEntities.Entity {
        IEntities.Entity(
            lei: lei.flatMap { try? LegalEntityIdentifier($0).word } ?? .zero, creditCode: code,
            name: name, industry: industry, bank: .contract(0x99), since: 1, active: false)
    }

    static func attest(_ entity: IEntities.Entity, _ account: Address = account) -> [UInt8] {
        var writer = ABIWriter(selector: IEntities.Function.attest.rawValue, words: 2)
        writer.write(account)
        writer.write(entity)
        return writer.finish()
    }

    static func revoke(_ account: Address = account) -> [UInt8] {
        var writer = ABIWriter(selector: IEntities.Function.revoke.rawValue, words: 1)
        writer.write(account)
        return writer.finish()
    }

    private static func refused(_ rejection: Rejection) -> Council.Answer {
        .refused(Hex.encode(rejection.revertData.prefix(4)))
    }

    private static func effects(_ council: Council) -> [EntityEffect] {
        (0..<council.block.transactions.count).flatMap { index in
            EffectReader(try! council.block.record(index).effects).compactMap {
                try? EntityEffect(tag: $0.tag, payload: $0.payload)
            }
        }
    }

    @Test func `a bank says who is behind an account, since when, and that it no longer does`()
        throws
    {
        var council = Council(banks: 2)
        let entities = council.machine.entities
        #expect(!entities.isActive(Self.account) && entities.view(of: Self.account) == nil)
        #expect(council.run([(0, Self.attest(Self.entity()))], to: .entities) == [.done([])])
        let view = try #require(entities.view(of: Self.account))
        #expect(view.name == "东方机械有限公司" && view.industry == "C34")
        #expect(view.creditCode == IdentifierTests.codes[0])
        // These are the ledger's to say, whatever a bank writes there.
        #expect(view.bank == council.address(0) && view.active)
        #expect(view.since == council.time / 1000)
        #expect(entities.isActive(Self.account))
        #expect(entities.entity(of: Self.account)?.lei?.text == IdentifierTests.leis[0])
        let effects = Self.effects(council)
        #expect(
            effects == [
                .attested(
                    account: Self.account, bank: council.address(0),
                    try LegalEntity(Self.entity()))
            ])
        #expect(effects.first?.log.topics.count == 3)
        #expect(
            effects.first?.log.data
                == (try LegalEntityIdentifier(IdentifierTests.leis[0]).word.bytes))
        #expect(council.run([(0, Self.revoke())], to: .entities) == [.done([])])
        #expect(!entities.isActive(Self.account) && entities.entity(of: Self.account) == nil)
        #expect(entities.view(of: Self.account)?.active == false)
        #expect(
            Self.effects(council) == [.revoked(account: Self.account, bank: council.address(0))])
        #expect(
            council.run([(0, Self.revoke())], to: .entities)
                == [Self.refused(.notAttested(Self.account))])
    }

    @Test func `only a bank attests, and no other bank than the one that does changes it`() {
        var council = Council(banks: 3)
        let stranger = council.keys.count - 1
        #expect(
            council.run(
                [(stranger, Self.attest(Self.entity())), (stranger, Self.revoke())], to: .entities)
                == [.refused("NotBank"), .refused("NotBank")])
        #expect(
            council.run(
                [
                    (0, Self.attest(Self.entity())), (1, Self.attest(Self.entity(name: "Other"))),
                    (1, Self.revoke()), (0, Self.attest(Self.entity(name: "Same"))),
                ], to: .entities) == [
                    .done([]),
                    Self.refused(.attestedByOther(Self.account, bank: council.address(0))),
                    Self.refused(.attestedByOther(Self.account, bank: council.address(0))),
                    .done([]),
                ])
        #expect(council.machine.entities.entity(of: Self.account)?.name == "Same")
        // Once it is revoked, or the bank has left, another one may.
        council.run([(0, Self.revoke())], to: .entities)
        #expect(
            council.run([(1, Self.attest(Self.entity(name: "Other")))], to: .entities)
                == [.done([])])
        council.pass(.removeBank(council.address(1)))
        council.run([])
        #expect(council.machine.entities.isActive(Self.account))
        #expect(council.run([(2, Self.revoke())], to: .entities) == [.done([])])
    }

    @Test func `an attestation follows its bank's operator key`() {
        var council = Council(banks: 1)
        council.run([(0, Self.attest(Self.entity()))], to: .entities)
        council.pass(
            .rotateKey(bank: council.address(0), which: .operator, key: council.address(5)))
        council.run([])
        #expect(council.machine.entities.view(of: Self.account)?.bank == council.address(5))
        #expect(council.run([(5, Self.revoke())], to: .entities) == [.done([])])
    }

    @Test(
        arguments: [
            (entity(lei: nil, code: ""), "is needed"),
            (entity(code: "914403001922038217"), "check character"),
            (entity(name: ""), "1 to 256 bytes"),
            (entity(name: String(repeating: "公", count: 86)), "1 to 256 bytes"),
            (entity(name: "Two\nLines"), "control"), (entity(name: "\u{202e}evil"), "control"),
            (entity(name: "ev\u{200b}il"), "nobody sees"),
            (entity(industry: "V12"), "A to U"), (entity(industry: "34"), "A to U"),
            (entity(industry: "C34567"), "A to U"), (entity(industry: "c3"), "A to U"),
        ])
    func `what is no legal entity is refused, with the reason`(
        _ entity: IEntities.Entity, why: String
    ) throws {
        let council = Council(banks: 1)
        let trial = council.machine.simulate(
            sender: council.address(0), to: .entities, value: 0, data: Self.attest(entity),
            gasLimit: 1_000_000, now: 2_000)
        guard case .failure(.badIdentifier(let text)) = trial.result else {
            Issue.record("\(trial.result)")
            return
        }
        #expect(text.contains(why), "\(text)")
    }

    @Test(arguments: [Address.zero, .treasury, .orders])
    func `nobody is behind an account that nobody can have`(_ account: Address) {
        let council = Council(banks: 1)
        let trial = council.machine.simulate(
            sender: council.address(0), to: .entities, value: 0,
            data: Self.attest(Self.entity(), account), gasLimit: 1_000_000, now: 2_000)
        guard case .failure(.badIdentifier) = trial.result else {
            Issue.record("\(trial.result)")
            return
        }
    }

    @Test(arguments: [
        entity(), entity(lei: nil), entity(code: ""),
        entity(name: String(repeating: "n", count: 256), industry: ""), entity(industry: "U"),
        entity(industry: "C3411"),
    ])
    func `an attestation is read as it was written`(_ given: IEntities.Entity) throws {
        let bank = Bank(
            id: 7, name: "Bank", nodeKey: .contract(1), operator: .contract(2), endpoint: "")
        var stored = StoredEntity(try LegalEntity(given), by: bank, since: 99)
        stored.isActive = false
        #expect(try StoredEntity(decoding: stored.bytes) == stored)
        for cut in stored.bytes.indices {
            #expect(throws: DecodingFault.self) {
                try StoredEntity(decoding: Array(stored.bytes.prefix(cut)))
            }
        }
        let effect = EntityEffect.attested(
            account: .contract(5), bank: .contract(6), stored.entity)
        var writer = ByteWriter()
        effect.write(to: &writer)
        #expect(try EntityEffect(tag: effect.tag, payload: writer.bytes[...]) == effect)
        #expect(throws: DecodingFault.self) {
            try EntityEffect(tag: 0x9a, payload: writer.bytes[...])
        }
    }

    /// Golden bytes: a change here is another ledger.
    @Test func `an attestation has the bytes that are written down`() throws {
        let bank = Bank(
            id: 7, name: "Bank", nodeKey: .contract(1), operator: .contract(2), endpoint: "")
        let stored = StoredEntity(
            try LegalEntity(Self.entity(name: "East", industry: "C34")), by: bank, since: 99)
        #expect(
            Hex.encode(stored.bytes)
                == "0000000000000007" + "0000000000000000000000000000000000000002"
                + "0000000000000063" + "01"
                + "485755504b52304d504f55384647584254333934" + "000000000000000000000000"
                + "00000012" + "393134343033303031393232303338323136" + "00000004" + "45617374"
                + "00000003" + "433334")
    }
}
