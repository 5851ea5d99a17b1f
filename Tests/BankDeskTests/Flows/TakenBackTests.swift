import Foundation
import Ledger
import Testing

@testable import BankDesk

/// Payment files of which something ended on the ledger before they were written.
@Suite struct TakenBackTests {
    /// A file with two payments that could not be written, one of which somebody rejected on the ledger since then.
    private func bench() async throws -> (Bench, Customer) {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 3000 }
        for amount in [1000, 2000] as [UInt128] {
            bench.ledger.redeem(amount, by: mill.address, payout: mill.payout)
        }
        try FileManager.default.removeItem(atPath: bench.folder.outbox)
        await #expect(throws: DeskFault.self) { try await bench.work() }
        return (bench, mill)
    }

    @Test func `what was rejected by hand is not paid by a file that was composed before`()
        async throws
    {
        let (bench, mill) = try await bench()
        bench.ledger.rejectByHand(1)
        try bench.folder.make()
        try await bench.work()
        #expect(bench.ledger.contents.balances[mill.address] == 1000)
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        let held = try #require(try bench.journal.cases().first)
        #expect(held.reason == Case.held && held.text.contains("redemption 1 in it has ended"))
        try bench.journal.release(held.id, Decision(), bench.settings, at: bench.now)
        try await bench.work()
        let file = try #require(try bench.files(bench.folder.outbox).values.first)
        #expect(file.contains("<NbOfTxs>1</NbOfTxs>"))
        #expect(file.contains("<EndToEndId>2</EndToEndId>"))
        #expect(try bench.standing() == ["rejected", "sent"])
        #expect(try bench.reasons().isEmpty)
    }

    @Test func `a file all of which was rejected by hand is not written`() async throws {
        let (bench, _) = try await bench()
        for id in [1, 2] as [UInt64] { bench.ledger.rejectByHand(id) }
        try bench.folder.make()
        try await bench.work()
        let held = try #require(try bench.journal.cases().first)
        try bench.journal.release(held.id, Decision(), bench.settings, at: bench.now)
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        #expect(try bench.standing() == ["rejected", "rejected"])
    }

    @Test func `what ended before the file was composed does not hold it up`() async throws {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 3000 }
        bench.ledger.certify(false)
        for amount in [1000, 2000] as [UInt128] {
            bench.ledger.redeem(amount, by: mill.address, payout: mill.payout)
        }
        try await bench.work()
        bench.ledger.announce(.rejected(id: 1))
        try await bench.work()
        bench.ledger.certify(true)
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).count == 1)
        #expect(try bench.reasons().isEmpty)
    }
}
