import Foundation
import Settlement

/// What checking a contract template costs: the largest that the language allows, and hard proofs.
struct TemplateChecks {
    /// One template, and what its check took.
    struct Row: Codable {
        var name: String
        var outcomes: Int
        var plays: Int
        var milliseconds: Double
        var accepted: Bool
    }

    private var random = Seeded(20_061_201)

    /// Checks each template a few times; the best time counts, in time of the processor.
    mutating func measure() throws -> [Row] {
        var rows = try [
            row("1,024 outcomes, 7 gates, 20 lines", wide(attested: 5, gates: 7, lines: 20)),
            row("1,024 outcomes, 5 gates, 27 lines", wide(attested: 5, gates: 5, lines: 27)),
            row("64 outcomes, 43 gates, 40 lines", wide(attested: 3, gates: 43, lines: 40)),
            row("16 outcomes, 60 gates, 60 lines", wide(attested: 2, gates: 60, lines: 60)),
        ]
        var hardest: Row?
        for _ in 0..<40 {
            let found = try row("the hardest of 40 proofs, 31 parameters", proof())
            if found.milliseconds > hardest?.milliseconds ?? 0 { hardest = found }
        }
        if let hardest { rows.append(hardest) }
        return rows
    }

    /// Texts that are dear to check, by name; the proof is the dearest of some.
    mutating func hardestTexts() throws -> [(name: String, text: String)] {
        var hardest: (milliseconds: Double, text: String) = (0, "")
        for _ in 0..<40 {
            let text = proof()
            let took = try row("", text).milliseconds
            if took > hardest.milliseconds { hardest = (took, text) }
        }
        return [
            ("a hard proof", hardest.text),
            ("1,024 outcomes", wide(attested: 5, gates: 7, lines: 20)),
            ("60 gates", wide(attested: 2, gates: 60, lines: 60)),
        ]
    }

    /// A template for hundreds of payees, each with an amount of its own.
    static let manyMembers = """
        {"language":1,"name":"many","roles":{"buyer":{"pays":true},"a":{},"m":{"many":1000}},\
        "parameters":{"price":{"type":"amount"},"x":{"type":"amount","for":"m","max":"10"}},\
        "price":"price","require":["sum(x) <= price"],\
        "lines":[{"to":"m","fixed":"x"},{"to":"a","rest":true}]}
        """

    /// A table for people, or one JSON array.
    static func text(_ rows: [Row], json: Bool) throws -> String {
        if json { return String(decoding: try JSONEncoder().encode(rows), as: UTF8.self) }
        let lines = rows.map { row in
            let time = String(format: "%8.1f ms", row.milliseconds)
            return "\(time)  \(row.name), \(row.plays) plays" + (row.accepted ? "" : ", refused")
        }
        return (["checking a contract template, one core:"] + lines).joined(separator: "\n")
    }

    private func row(_ name: String, _ text: String) throws -> Row {
        let template = try Template(parsing: Array(text.utf8))
        var best = Double.infinity
        var isAccepted = false
        for _ in 0..<3 {
            let start = clock()
            if case .accepted = template.check() { isAccepted = true }
            best = min(best, Double(clock() - start) * 1000 / Double(CLOCKS_PER_SEC))
        }
        return Row(
            name: name, outcomes: template.outcomeCount, plays: template.plays,
            milliseconds: best, accepted: isAccepted)
    }

    // MARK: Templates

    /// As many gates and lines as asked for, each line behind some gate.
    private func wide(attested: Int, gates: Int, lines: Int) -> String {
        let rules = (0..<gates).map { gate in
            gate < attested
                ? """
                "g\(gate)":{"attest":["a","b","c"],"need":2,"by":"\(30 + gate)d","late":"arbitrate",\
                "arbitration":"30d","silent":"meet"}
                """ : "\"g\(gate)\":{\"from\":\"\(100 + gate)d\"}"
        }
        let paid = (0..<lines - 1).map { line in
            #"{"to":"m","fixed":"x","gate":"g\#(line % gates)","tier":\#(line % 3)}"#
        }
        return document(
            parameters: #""price":{"type":"amount"},"x":{"type":"amount","for":"m"}"#, gates: rules,
            require: ["\(lines) * sum(x) <= price"], lines: paid)
    }

    /// Requirements in which every parameter occurs.
    private mutating func proof() -> String {
        let names = (0..<30).map { "x\($0)" }
        let parameters = names.map { "\"\($0)\":{\"type\":\"amount\"}" }
        let require = (0..<16).map { _ in
            let terms = names.map { "\(1 + random.next() % 99)*\($0)" }
            return terms.joined(separator: "+") + "<=\(1 + random.next() % 9999)*price"
        }
        let lines = names.prefix(20).map { "{\"to\":\"a\",\"fixed\":\"\($0)\"}" }
        return document(
            parameters: (parameters + [#""price":{"type":"amount"}"#]).joined(separator: ","),
            gates: [], require: require, lines: lines)
    }

    private func document(
        parameters: String, gates: [String], require: [String], lines: [String]
    ) -> String {
        """
        {"language":1,"name":"measured","roles":{"buyer":{"pays":true},"a":{},"b":{},"c":{},\
        "m":{"many":8},"z":{"arbiter":true}},"parameters":{\(parameters)},\
        "gates":{\(gates.joined(separator: ","))},"price":"price",\
        "require":[\(require.map { "\"\($0)\"" }.joined(separator: ","))],\
        "lines":[\((lines + [#"{"to":"a","rest":true}"#]).joined(separator: ","))]}
        """
    }
}
