import Ledger
import Settlement
import Testing

@testable import Execution

@Suite struct TemplateCacheTests {
    /// A template with so many accounts and values in its examples.
    private static func template(_ name: String, members: Int = 500) throws -> Template {
        let examples = (0..<8).map {
            #"{"name": "\#($0)", "now": 1, "bindings": {"price": "1"}}"#
        }
        let text = """
            {"language": 1, "name": "\(name)", "price": "price",
             "roles": {"buyer": {"pays": true}, "maker": {},
              "many": {"many": \(members), "least": \(members)}},
             "parameters": {"price": {"type": "amount"},
              "each": {"type": "amount", "for": "many", "default": "0"}},
             "lines": [{"to": "maker", "rest": true}], "examples": [\(examples.joined(separator: ","))]}
            """
        return try Template(parsing: Array(text.utf8))
    }

    @Test func `examples are not kept, and the template is the same without them`() throws {
        let template = try Self.template("x")
        #expect(template.examples.count == 8)
        #expect(template.examples[0].bindings.parties.joined().count == 502)
        var cache = TemplateCache()
        cache.add(template, template.id)
        let kept = try #require(cache[template.id])
        #expect(kept.examples.isEmpty && kept == template && kept.id == template.id)
        let sample = try #require(template.sample())
        #expect(
            try kept.instantiate(sample.bindings, now: sample.now)
                == template.instantiate(sample.bindings, now: sample.now))
    }

    @Test func `what is kept never weighs more than allowed, however many there are`() throws {
        let one = try Self.template("x 10").weight
        var cache = TemplateCache(weightMost: 3 * one)
        var most = 0
        for number in 10..<20 {
            let template = try Self.template("x \(number)")
            cache.add(template, template.id)
            #expect(cache[template.id] != nil)
            most = max(most, cache.weight)
        }
        #expect(most == 3 * one)
        // One that is too heavy alone is not kept.
        var small = TemplateCache(weightMost: one - 1)
        let template = try Self.template("x 10")
        small.add(template, template.id)
        #expect(small[template.id] == nil && small.weight == 0)
    }

    @Test func `each part weighs, not only the text`() throws {
        let small = try Self.template("x")
        let text = String(decoding: small.canonicalBytes, as: UTF8.self)
        let line = #"{"fixed":"0","to":"maker"},"#
        let larger = try Template(
            parsing: Array(
                text.replacing(
                    #""lines":["#,
                    with: #""lines":["# + String(repeating: line, count: 60)
                ).utf8))
        #expect(larger.weight - small.weight == 60 * (256 + 2 * line.utf8.count))
    }
}
