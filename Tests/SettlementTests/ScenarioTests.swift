import Foundation
import Testing

/// Stories that a banker can read, in `Scenarios`.
struct ScenarioTests {
    static let files: [URL] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Scenarios")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().map { folder.appending(path: $0) }
    }()

    @Test func `there are scenarios`() { #expect(Self.files.count >= 15) }

    /// `REWRITE=1 swift test --filter ScenarioTests` writes what comes out into the files.
    @Test(arguments: files)
    func `a scenario ends as it is written`(file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        let parts = text.components(separatedBy: "\n----\n")
        let result = try Scenario.play(parts[0])
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try (parts[0] + "\n----\n" + result).write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(parts.count == 2 && parts[1] == result, "\(file.lastPathComponent):\n\(result)")
        }
    }
}
