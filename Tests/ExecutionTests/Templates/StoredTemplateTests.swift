import Ledger
import Testing

@testable import Execution

@Suite struct StoredTemplateTests {
    static let template: StoredTemplate = {
        var template = StoredTemplate(
            index: 1, developer: Address(high: 2, middle: 3, low: 4), replaces: Hash32(5, 6, 7, 8),
            publishedAt: 9, reviewsRequired: 10, reviewFee: 11, deposit: 12,
            bounds: TemplateBounds(outcomes: 13, openGas: 14, settleGas: 15))
        template.status = .rejected
        template.replacedBy = Hash32(16, 17, 18, 19)
        template.reviews = [
            .init(
                reviewer: Address(high: 20, middle: 21, low: 22), approved: true,
                report: Hash32(23, 24, 25, 26)),
            .init(reviewer: .zero, approved: false, report: .zero),
        ]
        return template
    }()

    /// An old ledger is read by these bytes: whoever changes them makes another ledger.
    static let golden =
        "03" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "00000004"
        + "0000000000000005" + "0000000000000006" + "0000000000000007" + "0000000000000008"
        + "0000000000000010" + "0000000000000011" + "0000000000000012" + "0000000000000013"
        + "0000000000000009" + "0a" + "0000000000000000000000000000000b"
        + "0000000000000000000000000000000c" + "0000000d" + "000000000000000e" + "000000000000000f"
        + "02" + "0000000000000014" + "0000000000000015" + "00000016" + "01" + "0000000000000017"
        + "0000000000000018" + "0000000000000019" + "000000000000001a"
        + String(repeating: "00", count: 53)

    @Test func `a record is, byte by byte, as it is documented`() throws {
        #expect(Hex.encode(Self.template.bytes) == Self.golden)
        #expect(try StoredTemplate(decoding: Self.template.bytes) == Self.template)
        var use = TemplateUse()
        use.orders = 1
        use.earned = 2
        #expect(
            Hex.encode(use.bytes) == "0000000000000001" + "00000000000000000000000000000002")
        #expect(try TemplateUse(decoding: use.bytes) == use)
    }

    @Test func `other bytes are no record`() {
        let bytes = Self.template.bytes
        for count in 0..<bytes.count {
            #expect(throws: DecodingFault.self) {
                try StoredTemplate(decoding: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: DecodingFault.self) { try StoredTemplate(decoding: bytes + [0]) }
        for status in [0, 6, 255] as [UInt8] {
            var other = bytes
            other[0] = status
            #expect(throws: DecodingFault.self) { try StoredTemplate(decoding: other) }
        }
    }

    @Test func `keys are as they are documented`() {
        let id = Hash32(1, 2, 3, 4)
        #expect(TemplateKey.count == [0x38])
        #expect(TemplateKey.place(5) == [0x39, 0, 0, 0, 0, 0, 0, 0, 5])
        #expect(TemplateKey.content(id) == [0x3a] + id.bytes)
        #expect(TemplateKey.record(id) == [0x3b] + id.bytes)
        #expect(TemplateKey.use(id) == [0x3c] + id.bytes)
    }
}
