import Ledger
import Testing

@testable import Settlement

/// What is refused before it is published, and the bindings that show why.
struct CheckTests {
    /// A template of amounts `price`, `a`, `b`, shares `s`, `t` and amounts `each` and shares `cuts` for
    /// up to five members, with some lines beside the rest.
    static func template(
        lines: String, require: [String] = [], price: String = "price", bounds: String = ""
    ) throws -> Template {
        let text = """
            {
              "language": 1, "name": "x", "price": "\(price)",
              "roles": {
                "buyer": { "pays": true }, "maker": {}, "other": {}, "many": { "many": 5 }
              },
              "parameters": {
                "price": { "type": "amount" \(bounds) }, "a": { "type": "amount" },
                "b": { "type": "amount", "max": "1000" },
                "each": { "type": "amount", "for": "many", "max": "100" },
                "s": { "type": "share" }, "t": { "type": "share", "max": "30%" },
                "cuts": { "type": "share", "for": "many" }
              },
              "require": [\(require.map { "\"\($0)\"" }.joined(separator: ","))],
              "lines": [\(lines.isEmpty ? "" : lines + ","){ "to": "maker", "rest": true }]
            }
            """
        return try Template(parsing: Array(text.utf8))
    }

    @Test(
        arguments: [
            ("", [], "price", ""),
            (#"{"to": "other", "fixed": "a"}"#, ["a <= price"], "price", ""),
            (#"{"to": "other", "fixed": "a"}"#, ["2 * a < price + 1"], "price", ""),
            (#"{"to": "other", "fixed": "b"}"#, [], "price", #", "min": "1000""#),
            (#"{"to": "many", "fixed": "each"}"#, ["sum(each) <= price"], "price", ""),
            (#"{"to": "many", "fixed": "each"}"#, [], "price", #", "min": "500""#),
            (#"{"to": "many", "fixed": "7"}"#, ["7 * count(many) = price"], "price", ""),
            (#"{"to": "other", "share": "s"}"#, [], "price", ""),
            (
                #"{"to": "other", "share": "s"}, {"to": "other", "share": "t"}"#, ["s + t <= 100%"],
                "price", ""
            ),
            (
                #"{"to": "other", "share": "t"}, {"to": "other", "fixed": "a"}"#,
                ["a <= 70% * price"], "price", ""
            ),
            (#"{"to": "many", "share": "cuts"}"#, ["sum(cuts) <= 100%"], "price", ""),
            (#"{"to": "many", "share": "20%"}"#, [], "price", ""),
            (#"{"to": "many", "share": "25%"}"#, ["count(many) <= 4"], "price", ""),
            (
                #"{"to": "other", "fixed": "a"}"#, ["price >= b", "b >= 3 * a - 500", "a >= 250"],
                "price", ""
            ),
            // What a share is rounded down by goes to the rest, which is an integer.
            (
                #"{"to": "other", "share": "50%"}, {"to": "other", "fixed": "a"}"#,
                ["2 * a <= price + 1"], "price", ""
            ),
            (
                #"{"to": "other", "share": "33.33%"}, {"to": "other", "share": "33.33%"}, "#
                    + #"{"to": "other", "fixed": "a"}"#,
                ["10000 * a <= 3334 * price + 9999"], "price", ""
            ),
            // Odd multiples cannot be equal, whatever fractions could.
            (#"{"to": "other", "fixed": "a"}"#, ["2 * a <= 2 * price + 1"], "price", ""),
        ] as [(String, [String], String, String)])
    func `what can never be short is accepted`(
        lines: String, require: [String], price: String, bounds: String
    ) throws {
        let template = try Self.template(
            lines: lines, require: require, price: price, bounds: bounds)
        guard case .accepted = template.check() else {
            Issue.record("\(lines) \(require): \(template.check())")
            return
        }
    }

    @Test(
        arguments: [
            (#"{"to": "other", "fixed": "a"}"#, [], ""),
            (#"{"to": "other", "fixed": "a"}"#, ["a <= price + 1"], ""),
            (#"{"to": "other", "fixed": "a"}"#, ["2 * a <= 3 * price"], ""),
            (#"{"to": "other", "fixed": "b"}"#, [], #", "min": "999""#),
            (#"{"to": "many", "fixed": "each"}"#, [], #", "min": "499""#),
            (#"{"to": "many", "fixed": "each"}"#, ["count(many) <= 3"], #", "min": "299""#),
            (#"{"to": "many", "fixed": "7"}"#, ["7 * count(many) = price + 1"], ""),
            (#"{"to": "other", "share": "s"}, {"to": "other", "share": "t"}"#, [], ""),
            (
                #"{"to": "other", "share": "s"}, {"to": "other", "share": "t"}"#,
                ["s + t <= 100.01%"], ""
            ),
            (
                #"{"to": "other", "share": "t"}, {"to": "other", "fixed": "a"}"#,
                ["a <= 70.01% * price"], ""
            ),
            (
                #"{"to": "other", "share": "50%"}, {"to": "other", "fixed": "a"}"#,
                ["2 * a <= price + 2"], ""
            ),
            (
                #"{"to": "other", "share": "33.33%"}, {"to": "other", "share": "33.33%"}, "#
                    + #"{"to": "other", "fixed": "a"}"#,
                ["10000 * a <= 3334 * price + 10000"], ""
            ),
            (#"{"to": "many", "share": "cuts"}"#, ["sum(cuts) <= 101%"], ""),
            (#"{"to": "many", "share": "20.01%"}"#, [], ""),
            (#"{"to": "other", "share": "t"}, {"to": "other", "fixed": "a"}"#, ["a <= price"], ""),
            (
                #"{"to": "other", "fixed": "a"}"#,
                ["a <= 340282366920938463463374607431768211455"], #", "max": "5""#
            ),
            (#"{"to": "other", "fixed": "340282366920938463463374607431768211455"}"#, [], ""),
        ] as [(String, [String], String)])
    func `what can be short is refused with bindings that are`(
        lines: String, require: [String], bounds: String
    ) throws {
        let template = try Self.template(lines: lines, require: require, bounds: bounds)
        guard case .refused(let fault, let shown?) = template.check() else {
            Issue.record("\(lines) \(require): \(template.check())")
            return
        }
        #expect(fault.pointer.hasPrefix("/lines/"))
        let bindings = try TemplateBindings(parsing: shown.bindings, for: template)
        do throws(TemplateFault) {
            _ = try template.instantiate(bindings, now: shown.now)
            Issue.record("\(lines) \(require): it is not short")
        } catch {
            #expect(error.why == shown.what)
            #expect(error.why.contains("more than the price"))
        }
    }

    /// Three gates, and a requirement that needs four hundred members.
    static let crowded = """
        {"language": 1, "name": "x", "price": "price",
         "roles": {"buyer": {"pays": true}, "maker": {}, "many": {"many": 500}},
         "parameters": {"price": {"type": "amount"}},
         "gates": {"a": {"attest": ["maker"], "by": "1d"}, "b": {"attest": ["maker"], "by": "2d"},
          "c": {"attest": ["maker"], "by": "3d"}},
         "require": ["count(many) >= 400", "1000 <= price"],
         "lines": [{"to": "many", "fixed": "1", "gate": "a"},
          {"to": "maker", "fixed": "1", "gate": "b"}, {"to": "maker", "rest": true, "gate": "c"}]}
        """

    @Test func `what will be played is told before it is, for the members that there are`() throws {
        struct Unpaid: Error {}
        let template = try Template(parsing: Array(Self.crowded.utf8))
        #expect(template.plays == 1920)
        var told: [Int] = []
        var unpaid: UInt64 = 0
        #expect(throws: Unpaid.self) {
            _ = try template.check(work: &unpaid) { (plays) throws(Unpaid) in
                told.append(plays)
                throw Unpaid()
            }
        }
        // 64 combinations × 5 × (3 gates and at least 402 lines), none of which was played.
        #expect(told.count == 1 && told[0] >= 64 * 5 * 405 && told[0] <= Template.playLimit)
        #expect(unpaid <= UInt64(Template.proofBudget))
        var work: UInt64 = 0
        let verdict = template.check(work: &work) { (_) throws(Never) in }
        guard case .accepted = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(work > unpaid && work - unpaid <= UInt64(told[0]))
    }

    @Test(arguments: [["a > b", "b > a"], ["s > 50%", "2 * s < 99%"], ["a + 1 = b", "a = b"]])
    func `what nothing fits is refused`(require: [String]) throws {
        guard case .refused(let fault, nil) = try Self.template(lines: "", require: require).check()
        else {
            Issue.record("accepted: \(require)")
            return
        }
        #expect(fault.pointer == "/require")
    }
}
