import Foundation
import FuzzTargets
import Testing

/// What fuzzers once found interesting, and what well-formed bytes are, read again in every test run.
struct CorpusTests {
    /// `Fuzz/Corpus` of the checkout.
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Fuzz/Corpus").standardized

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `what fuzzers have kept does no harm`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let folder = Self.corpus.appending(path: name)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty, "\(folder.path) keeps what Tools/fuzz found")
        for bytes in try target.seeds() + files.map({ [UInt8](try Data(contentsOf: $0)) }) {
            try target.run(bytes)
        }
    }
}
