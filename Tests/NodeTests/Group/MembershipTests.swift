import Consensus
import Execution
import Ledger
import Replica
import Signing
import Storage
import Testing
import Threads
import Tokens

@testable import Node

/// Banks that come and go while the others pay; the members of the log follow the ledger.
@Suite(.serialized) struct MembershipTests {
    @Test func `a node takes no transactions before its own ledger names its bank`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try consortium.prepare(3, named: "Bank 4")
        let stranger = try await consortium.start(3) { configuration in
            configuration.key = .local(DevelopmentKeys.key(5)!)
            configuration.bank = 4
        }
        let why = try await consortium.eventually("it is closed") { stranger.status.closedBecause }
        #expect(why.hasPrefix("bank 4, whose node it is, is not among the banks in block 0"))
        await consortium.stopAll()
    }

    @Test func `a bank is admitted, catches up, votes, and another one leaves`() async throws {
        let consortium = try TestConsortium(banks: 3)
        try await consortium.startAll()
        let payee = Address(high: 1, middle: 2, low: 3)
        let key = 5
        try consortium.prepare(3, named: "Bank 4")
        try await consortium.run(
            [
                Governing.call(
                    0, 0, Governing.admitFourth(key: key, port: consortium.ports[3]))
            ], on: 0)
        try await consortium.run([Governing.call(1, 0, Governing.vote(1))], on: 1)
        // It takes effect in the next block.
        try await consortium.run([TestNode.transfer(from: 7, nonce: 0, to: payee)], on: 2)
        // Bank 3's node has executed it; the others may be a moment behind.
        try await consortium.eventually("bank 1 knows of four banks") {
            consortium.nodes[0]?.withMachine { $0.bankSet.banks.count } == 4 ? true : nil
        }

        let fourth = try await consortium.start(3) { configuration in
            configuration.key = .local(DevelopmentKeys.key(key)!)
            configuration.bank = 4
        }
        try await consortium.eventually("the fourth bank votes, and takes transactions") {
            fourth.driver.status.membership?.voters.count == 4
                && fourth.status.closedBecause == nil ? true : nil
        }
        try await consortium.run(
            [TestNode.transfer(from: 7, nonce: 1, to: payee)], on: 3, .certified)
        try await consortium.settle()

        // Bank 1 leaves, whether it leads or not.
        try await consortium.run(
            [Governing.call(1, 1, Governing.propose(.removeBank(DevelopmentKeys.addresses[0])))],
            on: 1)
        try await consortium.run([Governing.call(2, 0, Governing.vote(2))], on: 1)
        try await consortium.run([Governing.call(key, 0, Governing.vote(2))], on: 1)
        try await consortium.run([TestNode.transfer(from: 7, nonce: 2, to: payee)], on: 1)
        try await consortium.eventually("bank 1 has stopped") {
            consortium.nodes[0]?.pool.with { $0.haltedBecause }
        }
        // It stays, to say why; nobody is to start it again.
        #expect(try #require(consortium.nodes[0]).pulse())
        await consortium.stop(0)
        try await consortium.eventually("three are left") {
            let status = try #require(consortium.nodes[1]).driver.status
            return status.membership?.members.map(\.id.rawValue) == [2, 3, 4] ? true : nil
        }
        try await consortium.run(
            [TestNode.transfer(from: 7, nonce: 3, to: payee)], on: 3, .certified)
        try await consortium.settle()
        await consortium.stopAll()
    }

    /// Where too few banks are left to sign, those that are gone are removed in a block that never gets a
    /// certificate, and whoever begins with a checkpoint cannot follow the banks beyond it.
    @Test func `after a change that nobody could certify a new bank still finds all blocks`()
        async throws
    {
        let consortium = try TestConsortium(
            banks: 3, certificateQuorum: 3, checkpointInterval: 4)
        func start(_ index: Int, as key: Int? = nil) async throws -> Node {
            try await consortium.start(index) { configuration in
                configuration.keepBlocks = 2
                configuration.flushBlocks = 1
                configuration.trailingEntries = 2
                guard let key else { return }
                configuration.key = .local(DevelopmentKeys.key(key)!)
                configuration.bank = UInt64(index + 1)
            }
        }
        for index in 0..<3 { _ = try await start(index) }
        let payee = Address(high: 1, middle: 2, low: 3)
        var paid: UInt64 = 0
        func pay(_ count: UInt64, _ mode: WaitMode) async throws {
            for _ in 0..<count {
                try await consortium.run(
                    [TestNode.transfer(from: 7, nonce: paid, to: payee)], on: 0, mode)
                paid += 1
            }
        }
        try await pay(2, .certified)
        await consortium.stop(2)
        try await consortium.run(
            [Governing.call(0, 0, Governing.propose(.removeBank(DevelopmentKeys.addresses[2])))],
            on: 0)
        try await consortium.run([Governing.call(1, 0, Governing.vote(1))], on: 0)
        try await pay(1, .executed)
        let set = try #require(consortium.nodes[0]).withMachine { $0.bankSet }
        #expect(set.banks.count == 2 && set.quorum == 2)
        // Checkpoints come and are certified, by the two that are left.
        try await pay(40, .certified)
        let first = try #require(consortium.nodes[0])
        try await consortium.eventually("old checkpoints go") {
            try first.checkpoints.folder.heights().first ?? 0 > 20 ? true : nil
        }
        #expect(first.history.first == 0)

        let key = 5
        try consortium.prepare(3, named: "Bank 4")
        try await consortium.run(
            [
                Governing.call(
                    0, 1, Governing.admitFourth(key: key, port: consortium.ports[3]))
            ], on: 0)
        try await consortium.run([Governing.call(1, 1, Governing.vote(2))], on: 0)
        try await pay(1, .certified)
        let fourth = try await start(3, as: key)
        try await consortium.eventually("the fourth bank votes") {
            fourth.driver.status.membership?.voters.count == 3 ? true : nil
        }
        try await pay(1, .certified)
        try await consortium.settle()
        await consortium.stopAll()
    }
}
