import Execution
import Foundation
import Ledger
import Logging
import TestSupport
import Testing

@testable import Node

struct EvidenceTests {
    private let folder = TemporaryFolder()
    private let chainID: UInt64 = 77

    private func proof(against key: Int, at height: UInt64) throws -> DoubleVote {
        let key = try #require(DevelopmentKeys.key(key))
        func vote(_ number: UInt64) -> HeaderVote {
            HeaderVote(
                height: height, header: Hash32(0, 0, 0, number), signedBy: key,
                in: .headers(chainID: chainID))
        }
        return DoubleVote(vote(1), vote(2))
    }

    @Test func `a bank that lies at every height leaves room for the guilt of others`() throws {
        let evidence = Evidence(data: folder.path)
        for height in 1...UInt64(1_001) {
            try evidence.keep(try proof(against: 0, at: height), chainID: chainID)
        }
        let other = try proof(against: 1, at: 5)
        for _ in 0..<2 { try evidence.keep(other, chainID: chainID) }
        let kept = try evidence.all().map { try $0.proof.get() }
        #expect(kept.contains(other))
        #expect(kept.count == Evidence.filesPerKeyMax + 1)
    }

    @Test func `proofs are on the disk when the node has stopped, and nothing half written`() throws
    {
        let evidence = Evidence(data: folder.path)
        let keeper = EvidenceKeeper(
            evidence, chainID: chainID,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let proof = try proof(against: 2, at: 9)
        keeper.keep(proof, against: 3)
        keeper.stop()
        #expect(try evidence.all().map { try $0.proof.get() } == [proof])
        // What a loss of power leaves of a write is no proof that proves nothing.
        let file = try #require(evidence.all().first?.file)
        try Data([1]).write(to: URL(fileURLWithPath: file + ".1.new"))
        #expect(evidence.all().count == 1)
    }
}
