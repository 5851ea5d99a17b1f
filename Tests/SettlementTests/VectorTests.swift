import Foundation
import Settlement
import Testing
import VectorFiles

/// The cases that every implementation of the settlement rules must give to the last unit.
struct VectorTests {
    /// The repository's own copy, and the folder beside the repository where there is one.
    static let files: [URL] = {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let shared = here.appending(path: "../../../shared/vectors").standardizedFileURL
        let outside = ["settlement-named.json", "settlement-random-1000.jsonl"].map {
            shared.appending(path: $0)
        }
        return [here.appending(path: "Vectors/settlement-named.json")]
            + outside.filter { FileManager.default.fileExists(atPath: $0.path) }
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
}
