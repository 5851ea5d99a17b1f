import Ledger
import Testing

@testable import Execution

@Suite struct TemplateEffectTests {
    static let id = Hash32(1, 2, 3, 4)
    static let account = Address(high: 5, middle: 6, low: 7)
    static let effects: [TemplateEffect] = [
        .published(id: id, developer: account, replaces: Hash32(8, 9, 10, 11), name: "采购 A"),
        .published(id: id, developer: account, replaces: .zero, name: ""),
        .reviewed(id: id, reviewer: account, approved: true, report: Hash32(8, 9, 10, 11)),
        .reviewed(id: id, reviewer: account, approved: false, report: .zero),
        .statusChanged(id: id, status: .suspended),
        .royaltyPaid(id: id, order: 12, amount: .max),
    ]

    private func bytes(_ effect: TemplateEffect) -> [UInt8] {
        var writer = ByteWriter()
        effect.write(to: &writer)
        return writer.bytes
    }

    @Test(arguments: effects)
    func `an effect is read as it was written`(_ effect: TemplateEffect) throws {
        #expect(try TemplateEffect(tag: effect.tag, payload: bytes(effect)[...]) == effect)
    }

    @Test(arguments: effects)
    func `cut off or lengthened bytes are no effect`(_ effect: TemplateEffect) {
        let bytes = bytes(effect)
        for count in 0..<min(bytes.count, 52) {
            #expect(throws: DecodingFault.self) {
                try TemplateEffect(tag: effect.tag, payload: bytes.prefix(count))
            }
        }
        // The name is all that is left of its effect.
        guard effect.tag != TemplateEffectTag.published else { return }
        #expect(throws: DecodingFault.self) {
            try TemplateEffect(tag: effect.tag, payload: (bytes + [0])[...])
        }
    }

    @Test func `other tags and values that are none are refused`() {
        var review = bytes(Self.effects[2])
        review[52] = 2
        var status = bytes(Self.effects[4])
        status[32] = 6
        for (tag, payload) in [
            (0xa1, review), (0xa2, status), (0xa4, status), (0x9f, status),
            (0xa0, bytes(Self.effects[1]) + [0xff]),
        ] as [(UInt8, [UInt8])] {
            #expect(throws: DecodingFault.self) {
                try TemplateEffect(tag: tag, payload: payload[...])
            }
        }
    }

    @Test func `payloads and logs are, byte by byte, as they are documented`() {
        #expect(
            Hex.encode(bytes(.royaltyPaid(id: Self.id, order: 12, amount: 13)))
                == Self.id.hex.dropFirst(2) + "000000000000000c"
                + "0000000000000000000000000000000d")
        let log = Self.effects[0].log
        #expect(log.address == .templates)
        #expect(
            log.topics == [ITemplates.Event.published.topic, Self.id, Hash32(word: Self.account)])
        var reader = ABIReader(log.data)
        #expect((try? reader.string()) == "采购 A")
        #expect((try? reader.word()) == Hash32(8, 9, 10, 11))
        let royalty = Self.effects[5].log
        #expect(
            royalty.topics == [ITemplates.Event.royaltyPaid.topic, Self.id, Hash32(0, 0, 0, 12)])
        #expect(royalty.data == Hash32(word: UInt128.max).bytes)
        #expect(Self.effects[4].log.data == Hash32(0, 0, 0, 5).bytes)
        #expect(
            Self.effects[2].log.data == Hash32(0, 0, 0, 1).bytes + Hash32(8, 9, 10, 11).bytes)
    }
}
