import JSON
import Ledger
import Settlement
import Testing
import YAML

@testable import dip

/// Bindings as people write them.
struct BindingsFileTests {
    private let template = Result {
        try Template(
            try YAMLReader.read(
                Array(
                    """
                    language: 1
                    name: T
                    roles: { buyer: { pays: true }, seller: {}, parts: { many: 3 } }
                    parameters:
                      price: { type: amount }
                      shares: { type: amount, for: parts }
                      kept: { type: share, max: 10% }
                      by: { type: time }
                      warranty: { type: duration, default: 30d }
                    gates: { done: { attest: [buyer], by: by } }
                    price: price
                    require: [sum(shares) <= price]
                    lines:
                      - { to: parts, fixed: shares }
                      - { to: seller, rest: true, gate: done }
                    """.utf8)))
    }

    private func read(_ text: String) throws -> (json: String, pledges: [IOrders.Pledge]) {
        let template = try template.get()
        let reading = BindingsFile.Reading(
            currency: cents, now: 1_000_000, signer: account(1),
            account: { try names.address($0) })
        let file = try BindingsFile(
            try YAMLReader.read(Array(text.utf8)), for: template, reading)
        let bindings = try TemplateBindings(file.document, for: template)
        return (String(decoding: bindings.json(for: template), as: UTF8.self), file.pledges)
    }

    private static let text = """
        token: EBD
        seller: dev:2
        parts: [dev:3, dev:4]
        price: 1000.50
        shares: [100, "0.25"]
        kept: 2.5
        by: +1d
        warranty: 2w
        document: offer 17
        pledges: [{ order: 7, line: 0, amount: 12.34 }]
        note: what we agreed on the telephone
        """

    @Test func `names, points and distances become what the ledger takes`() throws {
        let (json, pledges) = try read(Self.text)
        let read = try JSON(parsing: Array(json.utf8))
        #expect(read["token"]?.string == cents.address.hex)
        #expect(read["buyer"]?.string == account(1).hex)
        #expect(read["seller"]?.string == account(2).hex)
        #expect(read["parts"]?.elements.map(\.plain) == [account(3).hex, account(4).hex])
        #expect(read["price"]?.string == "100050")
        #expect(read["shares"]?.elements.map(\.plain) == ["10000", "25"])
        #expect(read["kept"]?.string == "2.5%")
        #expect(read["by"]?.whole == 1_086_400)
        #expect(read["warranty"]?.string == "14d")
        #expect(read["document"]?.string == Digest.word("offer 17").hex)
        #expect(read["dueAt"] == nil && read["note"] == nil)
        #expect(pledges == [IOrders.Pledge(order: 7, line: 0, units: 1234)])
    }

    @Test(arguments: [
        ("price: 1000.50", "price: 1.234", "4:8: \"1.234\" is too fine: EBD has 2 decimal places"),
        ("seller: dev:2", "seller: nobody", "2:9: no account 'nobody'"),
        ("by: +1d", "by: tomorrow", "7:5: no time"),
        ("warranty: 2w", "warranty: long", "8:11: \"long\" is no length of time"),
        ("amount: 12.34 }", "amount: many }", "10:40: \"many\" is no amount"),
        ("seller: dev:2", "seler: dev:2", "2:1 /seler: no such member (did you mean \"seller\"?)"),
        ("kept: 2.5", "kept: 11%", "6:7 /kept: 0% to 10% wanted"),
        ("shares: [100, \"0.25\"]", "shares: [100]", "5:9 /shares: 1 values for 2 accounts"),
    ]) func `a fault is told with its place in the file`(
        _ right: String, _ wrong: String, _ told: String
    ) throws {
        let text = failure { _ = try read(Self.text.replacing(right, with: wrong)) }
        #expect(text?.hasPrefix(told) == true, "\(text ?? "nothing")")
    }

    @Test func `a parameter called like a word of the file is the parameter`() throws {
        let template = try Template(
            try YAMLReader.read(
                Array(
                    """
                    language: 1
                    name: T
                    roles: { buyer: { pays: true }, note: {} }
                    parameters: { pledges: { type: amount } }
                    price: pledges
                    lines: [{ to: note, rest: true }]
                    """.utf8)))
        let reading = BindingsFile.Reading(
            currency: cents, now: 0, signer: account(1), account: { try names.address($0) })
        let file = try BindingsFile(
            try YAMLReader.read(Array("note: dev:2\npledges: 5".utf8)), for: template, reading)
        let bindings = try TemplateBindings(file.document, for: template)
        #expect(bindings.values == [[500]])
        #expect(file.pledges.isEmpty)
    }
}
