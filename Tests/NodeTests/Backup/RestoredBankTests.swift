import Consensus
import Execution
import Foundation
import Ledger
import Storage
import Testing
import Tokens

@testable import Node

@Suite(.serialized) struct RestoredBankTests {
    private let payee = Address(high: 1, middle: 2, low: 4)

    private func transfers(_ nonces: Range<UInt64>) -> [[UInt8]] {
        nonces.map { TestNode.transfer(from: 7, nonce: $0, to: payee) }
    }

    @Test func `a restored bank goes on under its number, and votes again in a later term`()
        async throws
    {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        try await consortium.run(transfers(0..<5), on: 0, .certified)
        let lost = try (await consortium.leader() + 1) % 3
        let backup = consortium.folder.path + "/backup"
        // Nothing may refer to the node when it is started again.
        do {
            let source = try #require(consortium.nodes[lost])
            #expect(source.beginBackup(to: backup) == nil)
            try await consortium.eventually("the backup is made") {
                if case .done = source.backups.with({ $0 }) { true } else { nil }
            }
        }
        try await consortium.run(transfers(5..<10), on: 0, .certified)
        await consortium.stop(lost)
        let data = consortium.home(lost) + "/data"
        try FileManager.default.removeItem(atPath: data)
        try Backup(path: backup).restore(to: data)

        let restored = try await consortium.start(lost)
        try await consortium.run(transfers(10..<15), on: lost, .certified)
        try await consortium.settle()
        #expect(restored.withMachine { $0.tokens.balance(of: payee, in: .dip) } == 15)
        // It may have voted in the term in which the others are, so that one must end first.
        #expect(!restored.driver.status.mayVote)
        try await consortium.eventually("the restored bank votes again") {
            // To the third bank: the restored one takes no leadership yet.
            for (index, node) in consortium.nodes where index != lost && node.status.isLeader {
                _ = node.transferLeadership(to: UInt64(3 - index - lost) + 1)
            }
            return restored.driver.status.mayVote ? true : nil
        }
        #expect(!FileManager.default.fileExists(atPath: data + "/log/" + Backup.restoredName))
        try await consortium.run(transfers(15..<20), on: lost, .certified)
        await consortium.stopAll()
    }
}
