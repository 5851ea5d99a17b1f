import Foundation
import Settlement
import Testing
import VectorFiles

/// The cases that every implementation of the settlement rules must give to the last unit.
struct VectorTests {
    /// The repository's own (a copy of the shared named ones, and cases that were derived from the text of the rules by
    /// hand, sentence by sentence, before they were played), and all in the folder beside the repository where there is one.
    static let files: [URL] = {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let shared = here.appending(path: "../../../shared/vectors").standardizedFileURL
        let names = (try? FileManager.default.contentsOfDirectory(atPath: shared.path)) ?? []
        return ["named", "text"].map { here.appending(path: "Vectors/settlement-\($0).json") }
            + names.filter { $0.hasSuffix(".json") || $0.hasSuffix(".jsonl") }.sorted().map {
                shared.appending(path: $0)
            }
    }()

    @Test(arguments: files)
    func `every case gives exactly its results`(file: URL) throws {
        let player = VectorPlayer()
        for vector in try VectorFile(path: file.path).cases {
            #expect(player.play(vector) == [], "\(vector.name): \(vector.why)")
        }
    }

    @Test(arguments: files)
    func `a restart after each step changes nothing`(file: URL) throws {
        let player = VectorPlayer(restartsAfterEachStep: true)
        for vector in try VectorFile(path: file.path).cases {
            #expect(player.play(vector) == [], "\(vector.name): \(vector.why)")
        }
    }

    @Test(
        arguments: [
            "[", "{}", "[{}]", "{\"name\": 1}", "[[[[[[", "\u{0}",
            one(#"{"op": "sing", "expect": {"ok": true}}"#),
            one(#"{"op": "fund", "by": "a", "order": 1, "expect": {"ok": true}}"#),
            one(#"{"op": "fund", "by": "a", "order": 1, "amount": "-1", "expect": {}}"#),
            one(#"{"op": "advance", "to": 18446744073709551615, "expect": {"ok": true}}"#),
            one(
                #"{"op": "open", "by": "a", "terms": {"token": "T", "buyer": "a", "#
                    + #""lines": [{"payee": "b", "amount": "1", "gate": 9223372036854775807}]}, "#
                    + #""expect": {"ok": true}}"#),
        ])
    func `a file that is none says what is wrong with it`(text: String) {
        #expect(throws: VectorFileFault.self) { try VectorFile(Data(text.utf8)) }
    }

    @Test(arguments: ["[", "\n"], ["{}", "1", #"{"name": "n", "mint": {"a": "-1"}}"#])
    func `a case that cannot be read hides no other one`(form: String, odd: String) throws {
        let good = Self.one(#"{"op": "advance", "to": 5, "expect": {"ok": true}}"#)
        let text =
            form == "[" ? "[\(good),\(odd),\(good)]" : "\(good)\n\(odd)\n\(good)\n"
        let file = try VectorFile(Data(text.utf8))
        #expect(file.entries.map { (try? $0.get().name) } == ["n", nil, "n"])
        let fault = #expect(throws: VectorFileFault.self) { try file.cases }
        #expect(fault?.description.hasPrefix("case 1: ") == true)
    }

    static func one(_ step: String) -> String {
        #"{"name": "n", "mint": {}, "steps": ["# + step
            + #"], "final": {"balances": {}, "orders": []}}"#
    }

    @Test func `differences are told, and nobody can begin with more than there can be`() throws {
        let text =
            #"{"name": "n", "mint": {"a": "5"}, "steps": [{"op": "fund", "by": "a", "#
            + #""order": 1, "amount": "1", "expect": {"ok": true}}], "final": {"balances": {}, "#
            + #""orders": []}}"#
        let vector = try #require(try VectorFile(Data(text.utf8)).cases.first)
        #expect(
            VectorPlayer().play(vector) == [
                "n, step 0: expected ok, got UnknownOrder",
                "n, at the end: a has 5, expected 0",
            ])
        var rich = vector
        rich.mint = [("a", .max), ("b", .max)]
        #expect(VectorPlayer().play(rich).count == 1)
    }
}
