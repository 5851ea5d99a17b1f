import Foundation
import FuzzTargets
import NetworkFuzzTargets
import Testing

/// What fuzzers once found interesting, and what well-formed bytes are, read again in every test run.
struct CorpusTests {
    /// `Fuzz/Corpus` of the checkout.
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fuzz/Corpus").standardized

    private static let targets = FuzzTarget.plain + FuzzTarget.networked

    @Test func `every folder of inputs has its reader, and only one`() throws {
        let names = Self.targets.map(\.name)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(names.sorted() == folders.sorted())
    }

    @Test(arguments: targets.map(\.name))
    func `what fuzzers have kept does no harm`(name: String) throws {
        let target = try #require(Self.targets.first { $0.name == name })
        let folder = Self.corpus.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty, "\(folder.path) keeps what Tools/fuzz found")
        for bytes in try target.seeds() + files.map({ [UInt8](try Data(contentsOf: $0)) }) {
            try target.run(bytes)
        }
    }
}
