import Ledger
import Settlement
import Testing

/// What is no template, and where it says so.
struct FaultTests {
    /// A small template in lines, so that places can be told.
    static let lines = [
        "{",  // 1
        "  \"language\": 1,",
        "  \"name\": \"x\",",
        "  \"roles\": {",
        "    \"buyer\": { \"pays\": true },",  // 5
        "    \"maker\": {},",
        "    \"judge\": { \"arbiter\": true },",
        "    \"team\": { \"many\": 8 }",
        "  },",
        "  \"parameters\": {",  // 10
        "    \"price\": { \"type\": \"amount\" },",
        "    \"parts\": { \"type\": \"amount\", \"for\": \"team\" },",
        "    \"cut\": { \"type\": \"share\", \"max\": \"10%\" },",
        "    \"term\": { \"type\": \"duration\" }",
        "  },",  // 15
        "  \"gates\": {",
        "    \"done\": { \"attest\": [\"maker\"], \"by\": \"14d\", \"late\": \"fail\" },",
        "    \"kept\": { \"follows\": \"done\", \"from\": \"term\" }",
        "  },",
        "  \"price\": \"price\",",  // 20
        "  \"require\": [\"sum(parts) <= price\"],",
        "  \"lines\": [",
        "    { \"to\": \"team\", \"fixed\": \"parts\", \"gate\": \"done\" },",
        "    { \"to\": \"maker\", \"rest\": true, \"gate\": \"done\" }",
        "  ]",  // 25
        "}",
    ]

    static func text(_ line: Int, _ old: String, _ new: String) -> String {
        var lines = lines
        precondition(lines[line - 1].contains(old))
        lines[line - 1] = lines[line - 1].replacing(old, with: new, maxReplacements: 1)
        return lines.joined(separator: "\n")
    }

    @Test func `the small template is one`() throws {
        let template = try Template(parsing: Array(Self.lines.joined(separator: "\n").utf8))
        guard case .accepted = template.check() else {
            Issue.record("\(template.check())")
            return
        }
    }

    @Test(
        arguments: [
            // Text.
            (1, "{", "", 2, 13, "", "something follows"),
            (2, "1", "1.0", 2, 16, "/language", "integer"),
            (2, "1", "01", 2, 17, "/language", "integer"),
            (2, "1", "-1", 2, 15, "/language", "integer"),
            (2, "1", "9007199254740992", 2, 30, "/language", "2^53"),
            (2, "1", "99999999999999999999999999", 2, 30, "/language", "2^53"),
            (3, "\"x\"", "\"\\ud800\"", 3, 12, "/name", "surrogate"),
            (3, "\"x\"", "\"\\udc00x\"", 3, 12, "/name", "surrogate"),
            (3, "\"x\"", "\"\\u00e\"", 3, 12, "/name", "hexadecimal"),
            (3, "\"x\"", "\"a\\x\"", 3, 13, "/name", "escape"),
            (3, "\"x\"", "\"\t\"", 3, 12, "/name", "control"),
            (3, "\"x\"", "\"中\u{202e}文\"", 3, 11, "/name", "direction"),
            (3, "\"x\"", "\"x\", \"name\": \"y\"", 3, 16, "/name", "second time"),
            (3, "\"x\"", "\"x\", \"n\\u0061me\": \"y\"", 3, 16, "/name", "second time"),
            (3, "\"x\"", "[[[[[[[[[1]]]]]]]]]", 3, 18, "/name/0/0/0/0/0/0/0", "inside each other"),
            (26, "}", "", 26, 1, "", "too early"),
            (26, "}", "} x", 26, 3, "", "follows"),
            // Members.
            (2, "\"language\": 1,", "", 1, 1, "", "no language"),
            (2, "1", "2", 2, 15, "/language", "1 to 1"),
            (3, "\"name\"", "\"nmae\"", 3, 3, "/nmae", "did you mean \"name\""),
            (3, "\"x\"", "\"\"", 3, 11, "/name", "1 to 128 bytes"),
            (3, "\"x\"", "7", 3, 11, "/name", "a string wanted, not a number"),
            (3, "\"x\",", "\"x\", \"industry\": \"Z1\",", 3, 28, "/industry", "C34"),
            (
                3, "\"x\",", "\"x\", \"royalty\": \"0.0000000000000000001\",", 3, 27, "/royalty",
                "DIP"
            ),
            (3, "\"x\",", "\"x\", \"royalty\": 1000001,", 3, 27, "/royalty", "1000000"),
            (3, "\"x\",", "\"x\", \"entities\": [\"makr\"],", 3, 29, "/entities/0", "maker"),
            (3, "\"x\",", "\"x\", \"locale\": {\"ZH\": {}},", 3, 27, "/locale/ZH", "language"),
            (
                3, "\"x\",", "\"x\", \"locale\": {\"zh\": {\"roles\": {\"byer\": \"a\"}}},", 3, 44,
                "/locale/zh/roles/byer", "buyer"
            ),
            // Roles and parameters.
            (5, "\"pays\": true", "", 4, 12, "/roles", "exactly one role pays"),
            (5, "true", "false", 5, 24, "/roles/buyer/pays", "only true"),
            (6, "{}", "{ \"pays\": true }", 4, 12, "/roles", "exactly one role pays"),
            (6, "\"maker\"", "\"Maker\"", 6, 5, "/roles/Maker", "lower-case"),
            (6, "\"maker\"", "\"mаker\"", 6, 5, "/roles/mаker", "ASCII"),
            (6, "\"maker\"", "\"token\"", 6, 5, "/roles/token", "meaning of its own"),
            (7, "true", "true, \"many\": 2", 7, 41, "/roles/judge/many", "one account"),
            (8, "8", "1025", 8, 23, "/roles/team/many", "1 to 1024"),
            (
                8, "8 }", "8 }, \"crew\": { \"many\": 1017 }", 4, 12, "/roles",
                "1025 members together, at most 1024"
            ),
            (8, "8", "8, \"least\": 9", 8, 35, "/roles/team/least", "1 to 8"),
            (11, "amount", "amuont", 11, 24, "/parameters/price/type", "amount"),
            (12, "\"team\"", "\"maker\"", 12, 41, "/parameters/parts/for", "many members"),
            (13, "\"10%\"", "\"10\"", 13, 38, "/parameters/cut/max", "a share wanted"),
            (13, "\"10%\"", "\"100.01%\"", 13, 38, "/parameters/cut/max", "a share wanted"),
            (13, "\"10%\"", "0.1", 13, 39, "/parameters/cut/max", "integer"),
            (
                13, "\"10%\"", "\"10%\", \"min\": \"11%\"", 13, 52, "/parameters/cut/min",
                "more than the most"
            ),
            (
                14, "\"duration\"", "\"duration\", \"max\": \"36501d\"", 14, 42,
                "/parameters/term/max", "beyond"
            ),
            (14, "\"term\"", "\"maker\"", 14, 5, "/parameters/maker", "same name"),
            // Gates.
            (17, "\"by\": \"14d\", ", "", 17, 13, "/gates/done", "never ends"),
            (17, "\"14d\"", "\"cut\"", 17, 42, "/gates/done/by", "time or duration"),
            (
                17, "\"maker\"", "\"maker\", \"maker\"", 17, 35, "/gates/done/attest/1",
                "second time"
            ),
            (17, "\"maker\"", "\"team\"", 17, 13, "/gates/done", "no need"),
            (17, "\"late\"", "\"need\": 2, \"late\"", 17, 57, "/gates/done/need", "never be met"),
            (17, "\"fail\"", "\"arbitrate\"", 17, 13, "/gates/done", "no time, arbitration"),
            (
                17, "\"fail\"", "\"fail\", \"silent\": \"meet\"", 17, 75, "/gates/done/silent",
                "no arbiter is asked"
            ),
            (
                17, "[\"maker\"]", "[\"maker\", \"judge\"], \"arbitration\": \"1d\"", 17, 60,
                "/gates/done/arbitration", "no arbiter is asked"
            ),
            (
                17, "\"late\"", "\"follows\": \"kept\", \"late\"", 17, 60, "/gates/done/follows",
                "circle: done → kept → done"
            ),
            (
                17, "\"late\"", "\"follows\": \"done\", \"late\"", 17, 60, "/gates/done/follows",
                "circle: done → done"
            ),
            (
                18, "\"follows\": \"done\", \"from\": \"term\"", "", 18, 13, "/gates/kept",
                "never ends"
            ),
            (18, "\"from\"", "\"need\": 1, \"from\"", 18, 42, "/gates/kept/need", "nobody attests"),
            // Price, requirements and lines.
            (21, "sum(parts)", "parts", 21, 15, "/require/0", "sum(parts)"),
            (21, "sum(parts)", "cut", 21, 15, "/require/0", "beside"),
            (21, "sum(parts)", "sum(part)", 21, 15, "/require/0", "did you mean \"parts\""),
            (
                21, "sum(parts)", "price", 21, 15, "/require/0",
                "nothing that bindings could change"
            ),
            (21, "<=", "!=", 21, 15, "/require/0", "at character 12"),
            (23, "\"team\"", "\"judge\"", 23, 13, "/lines/0/to", "arbiter"),
            (23, "\"team\"", "\"maker\"", 23, 31, "/lines/0/fixed", "one value"),
            (23, "\"parts\"", "\"price\"", 23, 30, "/lines/0/fixed", "for team"),
            (23, "\"parts\"", "100", 23, 30, "/lines/0/fixed", "string of digits"),
            (23, "\"fixed\": \"parts\", ", "", 23, 5, "/lines/0", "exactly one of"),
            (23, "\"done\"", "\"doen\"", 23, 47, "/lines/0/gate", "did you mean \"done\""),
            (
                24, "\"rest\": true", "\"fixed\": \"7\"", 22, 12, "/lines",
                "exactly one line is the rest"
            ),
            (24, "\"maker\"", "\"team\"", 24, 29, "/lines/1/rest", "one account"),
            (
                24, "\"done\"", "\"done\", \"retain\": {\"share\": \"cut\", \"until\": \"done\"}",
                24, 88, "/lines/1/retain/until", "own gate"
            ),
            (24, "\"done\"", "\"done\", \"tier\": 65536", 24, 60, "/lines/1/tier", "0 to 65535"),
        ] as [(Int, String, String, Int, Int, String, String)])
    func `a fault is told with pointer, place and reason`(
        line: Int, old: String, new: String, faultLine: Int, column: Int, pointer: String,
        why: String
    ) {
        let faults = Template.faults(parsing: Array(Self.text(line, old, new).utf8))
        let found = faults.contains {
            $0.pointer == pointer && $0.why.contains(why)
                && $0.place == TextPlace(line: faultLine, column: column)
        }
        #expect(found, "wanted \(faultLine):\(column) \(pointer): \(why); got \(faults)")
    }
}
