import Foundation
import Ledger
import Testing

@testable import BankDesk

/// A journal that was put back, on a ledger that went on.
@Suite struct RestoredTests {
    /// A desk that was killed at a place while it took a redemption in hand; the journal as it was then; and what the
    /// desk did afterwards.
    private func restored(
        at point: FaultPoint?
    ) async throws -> (Bench, Bench.Copy, file: String, folder: DeskFolder) {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("10.00", "R1")]))
        if let point {
            bench.points = FaultPoints { reached throws(DeskFault) in
                if reached == point { throw .stopped(point) }
            }
            bench.start()
            bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
            await #expect(throws: DeskFault.stopped(point)) { try await bench.work() }
        }
        let folder = DeskFolder(bench.folder.path + "-backup")
        try FileManager.default.copyItem(atPath: bench.folder.path, toPath: folder.path)
        if point == nil { bench.ledger.redeem(1000, by: mill.address, payout: mill.payout) }
        bench.points = .none
        try bench.restart()
        try await bench.work()
        #expect(try bench.standing() == ["sent"])
        bench.ledger.forgetReceipts()
        return (bench, try bench.desk(in: folder), try bench.paymentFile(), folder)
    }

    private func standing(_ copy: Bench.Copy) throws -> [String] {
        try copy.journal.redemptions(onlyOpen: false, atMost: 9).map(\.state)
    }

    @Test(arguments: [FaultPoint.batchChosen, .instructSigned, .instructSent])
    func `a redemption that the desk took in hand is its own without a receipt`(
        point: FaultPoint
    ) async throws {
        let (bench, copy, file, folder) = try await restored(at: point)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try await copy.work()
        #expect(try standing(copy) == ["instructed"])
        // Whether the file was sent only a person can tell.
        #expect(try bench.files(folder.outbox).isEmpty)
        let held = try #require(try copy.journal.cases().first)
        #expect(try copy.cases() == [Case.held] && held.text.contains(file))
        try copy.journal.refuse(held.id, "the bank has it", at: bench.now)
        try bench.drop(
            "p.xml", Message.status("P1", of: file, [("1", "ACSC", nil)]), in: folder)
        try await copy.work()
        #expect(try standing(copy) == ["settled"])
        #expect(bench.ledger.contents.redemptions[1]?.state == .settled)
    }

    @Test func `what a lost journal had paid is settled when a person says that it was paid`()
        async throws
    {
        let (bench, copy, _, folder) = try await restored(at: nil)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try await copy.work()
        #expect(try standing(copy) == ["foreign"])
        try bench.drop(
            "d.xml", Message.notification("N2", [.debit("10.00", "D1", of: "1")]), in: folder)
        try await copy.work()
        #expect(Set(try copy.cases()) == ["instructed-elsewhere", "unknown-debit"])
        let debit = try #require(try copy.journal.cases().first { $0.reason == "unknown-debit" })
        try copy.journal.release(
            debit.id, Decision(redemption: 1), bench.settings, at: bench.now)
        try await copy.work()
        #expect(bench.ledger.contents.redemptions[1]?.state == .settled)
        #expect(bench.ledger.contents.supply == 0)
        #expect(try standing(copy) == ["settled"])
    }

    @Test func `what was issued under a reference long ago is a person's, and holds up nothing`()
        async throws
    {
        let (bench, _) = try Bench.withMill()
        let known = bench.settings.ledgerReference(of: "R1")
        bench.ledger.set { $0.issues[known] = MemoryLedger.Issue(to: .zero, amount: 0) }
        bench.ledger.forgetIssues()
        try await bench.tell(
            Message.notification("N1", [.credit("5.00", "R1"), .credit("6.00", "R2")]))
        #expect(try bench.counts("entry") == ["aside": 1, "issued": 1])
        #expect(try bench.reasons() == [EntryDoubt.onLedger.rawValue])
    }
}
