import JSON
import Ledger
import Testing

@testable import dip

struct OrderFileTests {
    private func read(_ text: String) throws -> OrderFile {
        try OrderFile(
            try JSON(parsing: text), "o.json", currency: cents, names: names, sender: account(1),
            now: 1000)
    }

    static let full = """
        {"token": "EBD", "arbiter": "dev:9", "dueAt": "+60d", "document": "contract 17",
         "lines": [
           {"payee": "dev:2", "amount": "800.00", "gate": "delivery", "note": "machines"},
           {"payee": "dev:2", "amount": 200.5, "gate": 1},
           {"payee": "dev:3", "amount": "55.50", "tier": 1}],
         "gates": [
           {"name": "delivery", "attestors": ["dev:4", "dev:5"], "deadline": "+45d",
            "onTimeout": "arbitrate", "ifSilent": "meet", "arbitrationPeriod": "14d"},
           {"follows": "delivery", "notBefore": "365d"}],
         "pledges": [{"order": 7, "line": 1, "amount": "1000"}]}
        """

    @Test func `a file becomes the terms that the ledger takes`() throws {
        let file = try read(Self.full)
        #expect(file.terms.token == cents.address)
        #expect(file.terms.buyer == account(1))
        #expect(file.terms.arbiter == account(9))
        #expect(file.terms.dueAt == 1000 + 60 * 86_400)
        #expect(Digest.text(file.terms.document.hex) == "\"contract 17\"")
        #expect(file.terms.lines.map(\.amount) == [80_000, 20_050, 5_550])
        #expect(file.terms.lines.map(\.gate) == [1, 2, 0])
        #expect(file.terms.lines.map(\.tier) == [0, 0, 1])
        let delivery = try #require(file.terms.gates.first)
        #expect(delivery.attestors == [account(4), account(5)])
        #expect(delivery.threshold == 2)
        #expect(delivery.deadline == 1000 + 45 * 86_400)
        #expect(delivery.onTimeout == .arbitrate)
        #expect(delivery.silenceMeets)
        #expect(delivery.arbitrationPeriod == 14 * 86_400)
        let warranty = try #require(file.terms.gates.last)
        #expect(warranty.follows == 1)
        #expect(warranty.threshold == 0)
        // Behind another gate a time is a length.
        #expect(warranty.notBefore == 365 * 86_400)
        #expect(file.pledges == [IOrders.Pledge(order: 7, line: 1, units: 100_000)])
        #expect(file.price == "1,056.00 EBD")
    }

    @Test func `a member that is null is as if it were not there`() throws {
        let file = try read(
            """
            {"token": "EBD", "arbiter": null, "dueAt": null, "gates": null, "pledges": null,
             "lines": [{"payee": "dev:2", "amount": "1", "tier": null, "gate": null}]}
            """)
        #expect(file.terms.arbiter == .zero)
        #expect(file.terms.dueAt == 0)
        #expect(file.terms.lines.map(\.tier) == [0])
        #expect(file.terms.gates.isEmpty && file.pledges.isEmpty)
    }

    /// A change to the file, and what the refusal must say.
    @Test(arguments: [
        ("\"lines\"", "\"line\"", "there is no member \"line\""),
        (
            "\"payee\": \"dev:2\", \"amount\": \"800.00\"", "\"amount\": \"800.00\"",
            "lines[0], payee"
        ),
        ("800.00", "800.001", "lines[0], amount"),
        ("\"gate\": \"delivery\"", "\"gate\": \"shipping\"", "lines[0], gate"),
        ("\"gate\": 1", "\"gate\": -1", "lines[1], gate"),
        ("\"tier\": 1", "\"tier\": 65536", "lines[2], tier"),
        ("+60d", "soon", "dueAt"),
        ("arbitrate", "maybe", "gates[0], onTimeout"),
        ("365d", "a year", "gates[1], notBefore"),
        ("[\"dev:4\", \"dev:5\"]", "\"dev:4\"", "gates[0], attestors"),
        ("\"dev:9\"", "7", "arbiter: must be a text"),
        ("\"order\": 7", "\"order\": \"seven\"", "pledges[0], order"),
        ("{\"follows\": \"delivery\"", "{\"name\": \"delivery\"", "another gate"),
    ])
    func `a mistake is refused and its place is named`(part: String, other: String, told: String)
        throws
    {
        let text = Self.full.replacing(part, with: other, maxReplacements: 1)
        try #require(text != Self.full)
        let failure = failure { _ = try read(text) } ?? "nothing"
        #expect(failure.contains(told), "\(failure)")
    }

    @Test func `an order without lines is refused`() {
        #expect(failure { _ = try read(#"{"token": "EBD", "lines": []}"#) } != nil)
        #expect(failure { _ = try read("[]") } != nil)
    }

    @Test func `an order with too many lines is told how many it may have`() {
        let line = #"{"payee": "dev:2", "amount": "1"}"#
        func told(_ count: Int) -> String? {
            let lines = Array(repeating: line, count: count).joined(separator: ",")
            return failure { _ = try read(#"{"token": "EBD", "lines": [\#(lines)]}"#) }
        }
        #expect(told(1024) == nil)
        #expect(
            told(1025)?.contains("lines: there are 1025, and an order has at most 1024") == true)
    }
}
