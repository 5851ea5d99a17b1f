import Consensus
import Execution
import Foundation
import Ledger
import Peers
import Signing
import Storage
import TestSupport
import Testing
import Threads
import Tokens

@testable import Node

@Suite(.serialized) struct RestoredBankTests {
    private let payee = Address(high: 1, middle: 2, low: 4)

    private func transfers(_ nonces: Range<UInt64>) -> [[UInt8]] {
        nonces.map { TestNode.transfer(from: 7, nonce: $0, to: payee) }
    }

    /// Makes a backup of a running node; nothing refers to the node afterwards, so that it can be started again.
    private func backUp(
        _ index: Int, of consortium: TestConsortium, to folder: String
    ) async throws {
        let source = try #require(consortium.nodes[index])
        #expect(source.beginBackup(to: folder) == nil)
        try await consortium.eventually("the backup is made") {
            if case .done = source.backups.with({ $0 }) { true } else { nil }
        }
    }

    @Test func `a restored bank goes on under its number, and votes again in a later term`()
        async throws
    {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        try await consortium.run(transfers(0..<5), on: 0, .certified)
        let lost = try (await consortium.leader() + 1) % 3
        let backup = consortium.folder.path + "/backup"
        try await backUp(lost, of: consortium, to: backup)
        try await consortium.run(transfers(5..<10), on: 0, .certified)
        await consortium.stop(lost)
        let data = consortium.home(lost) + "/data"
        try FileManager.default.removeItem(atPath: data)
        try Backup(path: backup).restore(to: data)

        let term = try #require(consortium.nodes[(lost + 1) % 3]).driver.status.term
        let restored = try await consortium.start(lost)
        try await consortium.run(transfers(10..<15), on: lost, .certified)
        try await consortium.settle()
        #expect(restored.withMachine { $0.tokens.balance(of: payee, in: .dip) } == 15)
        // It may have voted in the term in which the others are, so that one must end first. On a busy machine it
        // may have ended by itself.
        let status = restored.driver.status
        #expect(!status.mayVote || status.term > term)
        try await consortium.eventually("the restored bank votes again") {
            // To the third bank: the restored one takes no leadership yet.
            for (index, node) in consortium.nodes where index != lost && node.status.isLeader {
                _ = node.transferLeadership(to: UInt64(3 - index - lost) + 1)
            }
            return restored.driver.status.mayVote ? true : nil
        }
        let told = consortium.log.with { Set($0) }
        #expect(
            told.isSuperset(of: [
                "this node leads", "another node leads", "no node leads that this one knows of",
                "hands leadership over, as asked",
            ]))
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
        try await backUp(lost, of: consortium, to: backup)
        await consortium.stop(lost)
        let data = consortium.home(lost) + "/data"
        try FileManager.default.removeItem(atPath: data)

        // The bank's operator has a new node key named, and votes of the others are enough for it.
        let key = 5
        let rotation = IGovernance.Change.rotateKey(
            bank: DevelopmentKeys.addresses[lost], which: .node,
            key: DevelopmentKeys.addresses[key])
        let others = (0..<3).filter { $0 != lost }
        try await consortium.run(
            [Governing.call(lost, 0, Governing.propose(rotation))], on: others[0])
        try await consortium.run([Governing.call(others[0], 0, Governing.vote(1))], on: others[0])
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

    /// Whoever comes then finds a log that begins where the backup was made. Where the lone bank forgets old blocks
    /// there is no checkpoint to begin with either, since none is certified before the one who comes signs, and it
    /// takes a backup.
    @Test(arguments: [nil, 2] as [UInt64?])
    func `a bank that was restored alone admits another one, which catches up`(
        keepBlocks: UInt64?
    ) async throws {
        let consortium = try TestConsortium(banks: 1, checkpointInterval: 4)
        func start(_ index: Int) async throws -> Node {
            try await consortium.start(index) { configuration in
                configuration.keepBlocks = keepBlocks
                configuration.flushBlocks = 1
                configuration.trailingEntries = 2
                configuration.bank = UInt64(index + 1)
            }
        }
        _ = try await start(0)
        _ = try await consortium.leader()
        for nonce in 0..<13 as Range<UInt64> {
            try await consortium.run(transfers(nonce..<(nonce + 1)), on: 0, .certified)
        }
        let backup = consortium.folder.path + "/backup"
        try await backUp(0, of: consortium, to: backup)
        await consortium.stop(0)
        let data = consortium.home(0) + "/data"
        try FileManager.default.removeItem(atPath: data)
        try Backup(path: backup).restore(to: data)

        let alone = try await start(0)
        _ = try await consortium.leader()
        #expect(alone.driver.status.mayVote)
        let admission = IGovernance.Change.admitBank(
            name: "Bank 2", node: DevelopmentKeys.addresses[1],
            operator: DevelopmentKeys.addresses[1], endpoint: "127.0.0.1:\(consortium.ports[1])")
        try await consortium.run([Governing.call(0, 0, Governing.propose(admission))], on: 0)
        try await consortium.run(transfers(13..<14), on: 0)
        #expect(alone.withMachine { $0.bankSet.banks.count } == 2)
        try consortium.prepare(1, named: "Bank 2")
        if keepBlocks != nil {
            let second = consortium.folder.path + "/second"
            try await backUp(0, of: consortium, to: second)
            try Backup(path: second).restore(to: consortium.home(1) + "/data")
        }
        let second = try await start(1)
        try await consortium.eventually("the second bank votes, and takes transactions") {
            second.driver.status.membership?.voters.count == 2
                && second.status.closedBecause == nil ? true : nil
        }
        try await consortium.run(transfers(14..<16), on: 1, .certified)
        try await consortium.settle()
        #expect(second.withMachine { $0.tokens.balance(of: payee, in: .dip) } == 16)
        await consortium.stopAll()
    }
}
