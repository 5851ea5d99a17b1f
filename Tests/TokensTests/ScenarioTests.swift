import Foundation
import Testing

/// Each file tells one story: comments, then commands, `----`, and what they did.
struct ScenarioTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Scenarios")

    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".txt") }.sorted()

    @Test func `there are scenarios`() { #expect(Self.names.count >= 10) }

    @Test(arguments: names)
    func `a scenario goes as written`(_ name: String) throws {
        let file = Self.folder.appending(path: name)
        let written = try String(contentsOf: file, encoding: .utf8)
        let played = Self.play(written)
        if ProcessInfo.processInfo.environment["REWRITE"] == "1" {
            try played.write(to: file, atomically: true, encoding: .utf8)
        } else {
            let pairs = zip(written.split(separator: "\n"), played.split(separator: "\n"))
            let first = pairs.first { $0 != $1 }
            #expect(
                written == played,
                "wanted: \(first?.0 ?? "the same length")\nfound:  \(first?.1 ?? "")")
        }
    }

    /// The text with what the commands did now.
    static func play(_ text: String) -> String {
        let desk = Desk()
        var output: [String] = []
        var results: [String] = []
        var isExpectation = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line == "----" {
                output += ["----"] + results
                results = []
                isExpectation = true
            } else if line.isEmpty {
                output.append("")
                isExpectation = false
            } else if !isExpectation {
                output.append(line)
                if !line.hasPrefix("#") { results += desk.play(line) }
            }
        }
        return output.joined(separator: "\n")
    }
}
