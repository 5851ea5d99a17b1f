import Consensus
import Execution
import Foundation
import Ledger
import Peers
import Signing
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

    @Test func `a bank that lost its key with its data comes back with another one`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        try await consortium.run(transfers(0..<3), on: 0, .certified)
        let lost = try (await consortium.leader() + 1) % 3
        let backup = consortium.folder.path + "/backup"
        do {
            let source = try #require(consortium.nodes[lost])
            #expect(source.beginBackup(to: backup) == nil)
            try await consortium.eventually("the backup is made") {
                if case .done = source.backups.with({ $0 }) { true } else { nil }
            }
        }
        await consortium.stop(lost)
        let data = consortium.home(lost) + "/data"
        try FileManager.default.removeItem(atPath: data)

        // The bank's operator has a new node key named, and votes of the others are enough for it.
        let key = 5
        let rotation = IGovernance.Change.rotateKey(
            bank: DevelopmentKeys.addresses[lost], which: .node,
            key: DevelopmentKeys.addresses[key])
        var proposal = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        proposal.write(rotation.kind)
        proposal.write(bytes: IGovernance.Proposal(rotation, from: 0).data)
        proposal.write(UInt64.max)
        var vote = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
        vote.write(1 as UInt64)
        vote.write(true)
        let others = (0..<3).filter { $0 != lost }
        func call(_ account: Int, _ data: [UInt8]) -> [UInt8] {
            TestNode.transfer(
                from: account, nonce: 0, to: .treasury, value: 0, gasLimit: 1_000_000, data: data)
        }
        try await consortium.run([call(lost, proposal.finish())], on: others[0])
        try await consortium.run([call(others[0], vote.finish())], on: others[0])
        try await consortium.run(transfers(3..<5), on: others[0], .certified)
        let now = try #require(consortium.nodes[others[0]])
        #expect(
            now.withMachine { $0.bankSet[id: UInt64(lost + 1)]?.nodeKey }
                == DevelopmentKeys.addresses[key])

        try Backup(path: backup).restore(to: data)
        // Not of a folder that is used afterwards: whoever refuses a folder in this process still has it open.
        let other = consortium.folder.path + "/other"
        try Backup(path: backup).restore(to: other)
        let refusal = await #expect(throws: NodeFault.self) {
            try await consortium.start(lost) { configuration in
                configuration.folder = other
                configuration.key = .local(DevelopmentKeys.key(key)!)
                configuration.bank = UInt64(lost + 1)
            }
        }
        #expect(refusal?.description.contains("introduce the bank itself") == true)
        let height = now.head.header.height
        let own = try #require(
            PeerAddress(
                id: NodeID(UInt64(lost + 1)), nodeKey: DevelopmentKeys.addresses[key],
                endpoint: "127.0.0.1:\(consortium.ports[lost])"))
        let restored = try await consortium.start(lost) { configuration in
            configuration.key = .local(DevelopmentKeys.key(key)!)
            configuration.bank = UInt64(lost + 1)
            configuration.peering?.introductions = Introductions([own], at: height)
        }
        try await consortium.run(transfers(5..<8), on: lost, .certified)
        try await consortium.settle()
        #expect(restored.withMachine { $0.tokens.balance(of: payee, in: .dip) } == 8)
        await consortium.stopAll()
    }
}
