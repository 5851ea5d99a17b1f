import JSON
import Ledger
import Settlement
import Testing
import YAML

@testable import dip

/// What people read of a template before they sign.
struct ExplanationTests {
    private static let text = """
        language: 1
        name: Delivery "quick"
        locale:
          zh: { name: 交货, roles: { buyer: 买方, seller: 卖方 }, gates: { delivered: 已交货 } }
        roles:
          buyer: { pays: true }
          seller: {}
          carrier: {}
        parameters:
          price: { type: amount }
          by: { type: time }
          kept: { type: share, default: 10% }
          warranty: { type: duration, default: 30d }
        gates:
          delivered: { attest: [buyer, carrier], need: 1, by: by, late: meet }
          warranted: { follows: delivered, from: warranty }
        price: price
        lines:
          - { to: carrier, share: 5% }
          - { to: seller, rest: true, gate: delivered, tier: 1, retain: { share: kept, until: warranted } }
        examples:
          - { name: One, now: 2027-03-01, bindings: { price: "100000", by: 2027-03-31 } }
        """

    private func template() throws -> Template {
        try Template(try YAMLReader.read(Array(Self.text.utf8)))
    }

    private func explanation(_ language: String) throws -> Explanation {
        let template = try template()
        return try Explanation(
            TemplateTexts(template, language: language), template.examples[0].bindings, cents,
            now: template.examples[0].now)
    }

    @Test func `the diagram has every payment under what it waits for`() throws {
        let diagram = TemplateDiagram(TemplateTexts(try template(), language: "en"))
        #expect(
            diagram.text == [
                "buyer pays price into escrow",
                "├─ 5 % of the price → carrier",
                "└─ delivered: 1 of buyer, carrier says so, by by, else it counts as met",
                "   ├─ the rest less kept → seller",
                "   └─ then warranted: after warranty",
                "      └─ kept of the rest, kept until here → seller",
                "What fails, falls short or is not attested goes back to buyer",
            ])
    }

    @Test func `labels come in the language that is asked for, else as the template names things`()
        throws
    {
        let texts = TemplateTexts(try template(), language: "zh")
        #expect(texts.name == "交货")
        #expect(TemplateDiagram(texts).text[0] == "买方向托管付入price")
        #expect(TemplateTexts(try template(), language: "fr").name == "Delivery \"quick\"")
    }

    @Test func `Mermaid text cannot be left by what a template says`() throws {
        let text = Self.text.replacing("已交货", with: "a\\\"] --> b <script> #1")
            .replacing("delivered: a", with: "delivered: \"a").replacing("#1 }", with: "#1\" }")
        let template = try Template(try YAMLReader.read(Array(text.utf8)))
        let lines = TemplateDiagram(TemplateTexts(template, language: "zh")).mermaid
        #expect(
            lines.contains { $0.contains("a#quot;] --#gt; b #lt;script#gt; #35;1<br/>") })
        #expect(lines.allSatisfy { $0.count(where: { $0 == "\"" }) % 2 == 0 })
    }

    @Test func `the table has a row for each outcome, with all money and the latest end`() throws {
        #expect(
            try explanation("en").table(all: false) == [
                "delivered      carrier  seller  back to the buyer  at the latest",
                "met              50.00  950.00               0.00  2027-04-30",
                "80 %             50.00  779.00             171.00  2027-04-30",
                "refused          50.00    0.00             950.00  2027-03-31",
                "nobody speaks    50.00  950.00               0.00  2027-04-30",
            ])
    }

    @Test func `payments are told with what they wait for`() throws {
        let explanation = try explanation("en")
        #expect(
            explanation.timeline(explanation.outcomes[0]) == [
                "who      amount  for                   when",
                "carrier   50.00  5 % of the price      at once",
                "seller   855.00  the rest              delivered, by 2027-03-31",
                "seller    95.00  retained of the rest  warranted, after 30 d",
            ])
    }

    @Test func `columns count the width of Chinese characters`() {
        #expect("质保金".columns == 6)
        #expect("a质".padded(to: 5) == "a质  ")
        #expect(
            Output.lines(ofTable: ["角色", "n"], [["a", "1"], ["买方甲", "10"]], right: [1]) == [
                "角色     n", "a        1", "买方甲  10",
            ])
        #expect("one two 三四五".wrapped(to: 8) == ["one two", "三四五"])
        #expect("".wrapped(to: 8) == [""])
    }

    @Test(arguments: [
        ("zh_CN.UTF-8", "zh"), ("en", "en"), ("zh-Hans", "zh"), ("C", nil), ("POSIX", nil),
        ("", nil),
    ]) func `a locale names its language`(_ locale: String, _ code: String?) {
        #expect(LanguageOptions.code(of: locale) == code)
    }

    @Test func `a diff shows what changed and a little around it`() {
        let old = (1...10).map { "line \($0)" }
        var new = old
        new[4] = "line five"
        new.append("more")
        #expect(
            LineDiff(from: old, to: new).text(context: 1) == [
                "  …", "  line 4", "- line 5", "+ line five", "  line 6", "  …", "  line 10",
                "+ more",
            ])
        #expect(LineDiff(from: old, to: old).isEmpty)
        #expect(LineDiff(from: old, to: old).text().isEmpty)
        #expect(!LineDiff(from: [], to: ["a"]).isEmpty)
    }
}
