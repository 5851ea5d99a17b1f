import Settlement
import TestSupport
import Testing
import YAML

@testable import dip

/// YAML as people write it, and as nobody should have to read it.
struct YAMLTests {
    private func read(_ text: String) throws -> DocumentNode {
        try YAMLReader.read(Array(text.utf8))
    }

    /// Each value as a line: pointer, place, and what it is where it is a scalar.
    private func lines(_ node: DocumentNode, _ pointer: String = "") -> [String] {
        let place = node.place.map { "\($0.line):\($0.column)" } ?? "?"
        switch node.value {
        case .array(let elements):
            return ["\(pointer) \(place)"]
                + elements.enumerated().flatMap { lines($0.element, "\(pointer)/\($0.offset)") }
        case .object(let members):
            return ["\(pointer) \(place)"]
                + members.flatMap { lines($0.node, "\(pointer)/\($0.name)") }
        default: return ["\(pointer) \(place) \(node.value)"]
        }
    }

    private func refusal(_ text: String) -> SourceFault? {
        do {
            _ = try YAMLReader.read(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func `each value knows its place`() throws {
        let document = try read(
            """
            # a comment
            name: 采购
            roles:
              buyer: { pays: true }
              "a b": {}
            lines:
              - { to: buyer, fixed: 12.50 }
              - to: buyer
                rest: true
            """)
        #expect(
            lines(document) == [
                " 2:1", "/name 2:7 string(\"采购\")", "/roles 4:3", "/roles/buyer 4:10",
                "/roles/buyer/pays 4:18 bool(true)", "/roles/a b 5:10", "/lines 7:3",
                "/lines/0 7:5", "/lines/0/to 7:11 string(\"buyer\")",
                "/lines/0/fixed 7:25 string(\"12.50\")", "/lines/1 8:5",
                "/lines/1/to 8:9 string(\"buyer\")", "/lines/1/rest 9:11 bool(true)",
            ])
        guard case .object(let members) = document.value else { return }
        #expect(members[1].place == TextPlace(line: 3, column: 1))
    }

    @Test(arguments: [
        ("7", "number(7)"), ("0", "number(0)"), ("9007199254740991", "number(9007199254740991)"),
        // What a double or an octal number would change stays as it was written.
        ("9007199254740992", "string(\"9007199254740992\")"), ("007", "string(\"007\")"),
        ("12.50", "string(\"12.50\")"), ("1e3", "string(\"1e3\")"), ("0x10", "string(\"0x10\")"),
        ("-7", "string(\"-7\")"), ("yes", "string(\"yes\")"),
        ("2026-12-31", "string(\"2026-12-31\")"), ("10%", "string(\"10%\")"), ("~", "null"),
        ("null", "null"), ("", "null"), ("true", "bool(true)"), ("false", "bool(false)"),
        ("\"true\"", "string(\"true\")"), ("'7'", "string(\"7\")"),
    ]) func `a scalar means one thing`(_ text: String, _ value: String) throws {
        guard case .object(let members) = try read("a: \(text)").value else { return }
        #expect("\(members[0].node.value)" == value)
    }

    @Test(arguments: [
        ("a: &x 1\nb: *x", 1, 4, "anchors"), ("a: *x", 1, 4, "aliases"),
        ("a: !!binary x", 1, 4, "tags"), ("a: ! x", 1, 4, "tags"),
        ("%TAG ! tag:x,2000:\n---\na: 1", 1, 1, "tags"),
        ("a: 1\nb: 2\na: 3", 3, 1, "second time; the first is in line 1"),
        ("a: 1\n---\nb: 2", 2, 1, "second document"), ("", 1, 1, "empty"),
        ("? [a]\n: 1", 1, 3, "must be a text"), ("a: [1, 2", 2, 1, "expected"),
        ("a: 'x", 1, 6, "end of stream"), ("a:\n\tb: 1", 2, 1, "cannot start"),
        ("a: b: c", 1, 5, "not allowed"),
    ]) func `what has no single meaning is refused where it stands`(
        _ text: String, _ line: Int, _ column: Int, _ why: String
    ) throws {
        let fault = try #require(refusal(text))
        #expect(fault.why.contains(why))
        #expect(fault.place == TextPlace(line: line, column: column), "\(fault)")
    }

    @Test func `no UTF-8 is refused where it stands`() throws {
        let error = #expect(throws: SourceFault.self) {
            try YAMLReader.read(Array("a: 1\né: ".utf8) + [0xff, 0x0a])
        }
        #expect(error?.place == TextPlace(line: 2, column: 4))
    }

    @Test func `a bomb of aliases is refused at its first anchor`() throws {
        var text = "a0: &a0 [x]\n"
        for level in 1...30 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(refusal(text)?.place == TextPlace(line: 1, column: 5))
    }

    @Test func `size, depth and number of values are bounded`() {
        for bracket in ["[", "- ", "{ a: "] {
            let endless = String(repeating: bracket, count: 40_000)
            #expect(refusal(endless)?.why.contains("more than 32") == true)
        }
        let wide = "[" + String(repeating: "0,", count: 40_000) + "]"
        #expect(refusal(wide)?.why.contains("more than 32768 values") == true)
        let large = "a: " + String(repeating: "x", count: YAMLReader.Limit.bytes)
        #expect(refusal(large)?.why.contains("bytes") == true)
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(refusal(deep) == nil)
    }

    @Test func `text cut off or garbled anywhere is refused and crashes nothing`() {
        let text = Array("a: { b: [1, \"x\\n\", 'y'] }\nc: |\n  long\nd: >-\n  folded\n".utf8)
        var random = SeededNumbers(seed: 17)
        for length in text.indices { _ = try? YAMLReader.read(Array(text[..<length])) }
        for _ in 0..<2000 {
            var garbled = text
            for _ in 0..<3 {
                garbled[Int.random(in: garbled.indices, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            _ = try? YAMLReader.read(garbled)
        }
    }
}
