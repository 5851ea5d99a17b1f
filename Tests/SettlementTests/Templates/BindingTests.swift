import Ledger
import Testing

@testable import Settlement

/// What cannot be filled into the purchase order, and why.
struct BindingTests {
    @Test(arguments: [
        ("\"token\": \"0x000000000000000000000000000000000000d100\",", "", "", "no token"),
        ("\"buyer\"", "\"byer\"", "/byer", "did you mean \"buyer\""),
        ("\"price\": \"1000\"", "\"price\": 1000", "/price", "string of digits"),
        ("\"price\": \"1000\"", "\"price\": \"01000\"", "/price", "string of digits"),
        (
            "\"price\": \"1000\"", "\"price\": \"340282366920938463463374607431768211456\"",
            "/price", "2^128"
        ),
        ("\"5%\"", "\"10.01%\"", "/retention", "0% to 10% wanted"),
        ("[\"200\", \"101\"]", "[\"200\"]", "/shares", "1 values for 2 accounts of suppliers"),
        ("[\"200\", \"101\"]", "\"301\"", "/shares", "an array wanted"),
        ("2000000", "\"2027-02-29\"", "/deliverBy", "a time wanted"),
        ("2000000", "2000000, \"document\": \"0x12\"", "/document", "64 hexadecimal"),
        ("2000000", "2000000, \"dueAt\": 1099511627777", "/dueAt", "0 to 1099511627776"),
        ("{\n", "[\n", "", "unexpected"),
        (TestLedger.address("maker").hex, "0x1234", "/maker", "40 hexadecimal digits"),
    ])
    func `a fault of form is told with its pointer`(
        old: String, new: String, pointer: String, why: String
    ) {
        let text = PurchaseOrder.bindings.replacing(old, with: new, maxReplacements: 1)
        do throws(TemplateFault) {
            _ = try TemplateBindings(parsing: Array(text.utf8), for: PurchaseOrder.template)
            Issue.record("\(new) is taken")
        } catch {
            #expect(error.pointer == pointer && error.why.contains(why), "\(error)")
            #expect(error.place != nil)
        }
    }

    @Test(arguments: [
        (
            "\"freight\": \"50\"", "\"freight\": \"700\"", "/freight",
            "required that freight + sum(shares) <= price"
        ),
        (
            "\"price\": \"1000\", \"freight\": \"50\", \"shares\": [\"200\", \"101\"]",
            "\"price\": \"0\", \"freight\": \"0\", \"shares\": [\"0\", \"0\"]", "/price",
            "between 1 and"
        ),
        ("2000000", "1000000", "/deliverBy", "later than it begins"),
        ("2000000", "1099511627776", "/deliverBy", "36500 days"),
        ("2000000", "2000000, \"dueAt\": 1099511627776", "/dueAt", "36500 days"),
        (
            TestLedger.address("carrier").hex, TestLedger.address("buyer").hex, "/buyer",
            "second time"
        ),
        (
            TestLedger.address("chamber").hex, TestLedger.address("buyer").hex, "/chamber",
            "also the buyer"
        ),
        (
            TestLedger.address("chamber").hex, TestLedger.address("glass").hex, "/chamber",
            "also the suppliers"
        ),
        (
            TestLedger.address("chamber").hex, TestLedger.address("lab").hex, "/chamber",
            "also the lab"
        ),
        (TestLedger.address("glass").hex, Address.orders.hex, "/suppliers/1", "contract's"),
        (TestLedger.address("maker").hex, Address.zero.hex, "/maker", "nobody's"),
    ])
    func `a fault of substance is told when terms are made`(
        old: String, new: String, pointer: String, why: String
    ) throws {
        let bindings = try PurchaseOrder.bind(
            PurchaseOrder.bindings.replacing(old, with: new, maxReplacements: 1))
        do throws(TemplateFault) {
            _ = try PurchaseOrder.template.instantiate(bindings, now: 1_000_000)
            Issue.record("\(new) is taken")
        } catch {
            #expect(error.pointer == pointer && error.why.contains(why), "\(error)")
        }
    }

    @Test func `bindings are written as they are read`() throws {
        let bindings = try PurchaseOrder.bind()
        let json = bindings.json(for: PurchaseOrder.template)
        #expect(try TemplateBindings(parsing: json, for: PurchaseOrder.template) == bindings)
        let sample = try #require(PurchaseOrder.template.sample())
        let again = try TemplateBindings(
            parsing: sample.bindings.json(for: PurchaseOrder.template), for: PurchaseOrder.template)
        #expect(again == sample.bindings)
    }

    @Test func `zero lines and zero retentions are left out`() throws {
        let text = PurchaseOrder.bindings.replacing("\"5%\"", with: "\"0%\"")
            .replacing("\"200\"", with: "\"0\"")
        let terms = try PurchaseOrder.template.instantiate(PurchaseOrder.bind(text), now: 0)
        #expect(terms.lines.map(\.amount) == [50, 101, 849])
    }

    /// The settlement code leaves nothing behind; a play that is not over shows that one would see it.
    @Test func `money that stays is seen`() throws {
        let template = PurchaseOrder.template
        let bindings = try PurchaseOrder.bind()
        var play = try TemplatePlay(
            template, bindings, try template.instantiate(bindings, now: 0),
            try template.instantiatedLines(bindings), now: 0, keepsPayments: false)
        #expect(play.fault == "gate delivered never ends")
        var ends = 0
        try play.run(choices: { _ in GateOutcome.attested }) { play in
            ends += 1
            return play.fault == nil
        }
        #expect(ends == 10)
    }

    @Test func `times and durations are read as people write them`() {
        #expect(ValueText.time("1970-01-01") == 0)
        #expect(ValueText.time("2000-02-29T23:59:59Z") == 951_868_799)
        #expect(ValueText.time("2100-02-29") == nil && ValueText.time("2027-13-01") == nil)
        #expect(ValueText.time("9999-12-31") == 253_402_214_400)
        #expect(ValueText.duration("2w") == 1_209_600 && ValueText.duration("36h") == 129_600)
        #expect(ValueText.duration("d") == nil && ValueText.duration("1.5d") == nil)
        #expect(ValueText.share("0.01%") == 1 && ValueText.share("100%") == 10_000)
        #expect(ValueText.share("1.234%") == nil && ValueText.share("1.%") == nil)
        // To Swift these scalars are one character with the sign behind them.
        #expect(ValueText.share("10\u{600}%") == nil && ValueText.duration("3\u{1193f}0d") == nil)
        #expect(ValueText.duration("30\u{600}d") == nil)
        #expect(ValueText.share(ofBasisPoints: 1205) == "12.05%")
        #expect(ValueText.fixedPoint("0.000000000000000001", places: 18) == 1)
    }
}
