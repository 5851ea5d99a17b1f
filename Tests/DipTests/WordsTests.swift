import JSON
import Ledger
import Testing

@testable import dip

struct WordsTests {
    @Test func `a log becomes the event that its contract declares`() throws {
        let log: JSON = [
            "address": .string(Address.orders.hex),
            "topics": .array(
                [
                    IOrders.Event.paid.topic, Hash32(word: 5), Hash32(word: account(2)),
                    Hash32(word: 0),
                ].map { .string($0.hex) }),
            "data": .data(Hash32(word: 3).bytes + Hash32(word: 1250).bytes),
        ]
        let event = try #require(Narrator.events([log]).first)
        #expect(event["contract"] == "Orders")
        #expect(event["event"] == "Paid")
        let arguments = try #require(event["args"])
        #expect(arguments["order"] == 5)
        #expect(arguments["line"] == 3)
        #expect(arguments["to"]?.address == account(2))
        #expect(arguments["amount"] == "1250")
    }

    @Test func `events of templates are declared, with their statuses`() throws {
        let id = Hash32(1, 2, 3, 4)
        let log: JSON = [
            "address": .string(Address.templates.hex),
            "topics": .array(
                [ITemplates.Event.statusChanged.topic, id].map { .string($0.hex) }),
            "data": .data(Hash32(word: 5).bytes),
        ]
        let event = try #require(Narrator.events([log]).first)
        #expect(event["contract"] == "Templates")
        #expect(event["args"] == ["id": .data(id.bytes), "status": "Suspended"])
    }

    @Test(arguments: [
        [JSON](), ["0x12"], [.string(Hash32.allOnes.hex)],
        [.string(IOrders.Event.paid.topic.hex)],
    ])
    func `a log of another form is left as it is`(topics: [JSON]) {
        let log: JSON = [
            "address": .string(Address.orders.hex), "topics": .array(topics), "data": "0x",
        ]
        #expect(Narrator.events([log]) == [log])
    }

    @Test func `revert data is told with its arguments, cause and cure`() {
        let rejection = Rejection.erc20InsufficientBalance(
            sender: account(1), balance: 100, needed: 250)
        let refusal = Refusal(revert: rejection.revertData, message: "").told(names, cents)
        let text = refusal.description
        #expect(text.contains("ERC20InsufficientBalance (sender dev:1, balance 1.00 EBD"))
        #expect(text.contains("why:"))
        #expect(text.contains("cure:"))
        #expect(refusal.json["code"] == 20)
    }

    @Test func `revert data that nobody knows is told as it is`() {
        for data: [UInt8] in [[], [1, 2, 3], [0xde, 0xad, 0xbe, 0xef]] {
            #expect(Refusal(revert: data, message: "reverted").description == "reverted")
        }
    }

    @Test func `text from elsewhere cannot steer the terminal`() {
        #expect(Output.clean("a\u{1b}[2Jb\nc\u{202e}d") == "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d")
        #expect(Output.clean(String(repeating: "x", count: 300)).unicodeScalars.count == 257)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("@x", "'@x"), ("+1", "'+1"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("-12.50", "-12.50"), ("-", "-"), ("East-West", "East-West"),
    ])
    func `a cell that a spreadsheet would calculate is text`(cell: String, written: String) {
        #expect(Output.csvRow([cell]) == written + "\r\n")
    }

    @Test(arguments: [
        "null", "[]", "{}", #"{"a":1}"#,
        #"{"name":"\u00e9\n","list":[1,2,{"deep":["0123456789012345678901234567890123456789"]}],"z":"0123456789012345678901234567890123456789"}"#,
    ])
    func `indented JSON reads back as the same`(text: String) throws {
        let value = try JSON(parsing: text)
        #expect(try JSON(parsing: Output.pretty(value)) == value)
    }
}
