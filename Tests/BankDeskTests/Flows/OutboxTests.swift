import Foundation
import Ledger
import Testing

@testable import BankDesk

/// The folder in which the bank fetches files.
@Suite("Outbox")
struct OutboxTests {
    @Test("an outbox that is gone passes, and holds up what needs none")
    func gone() async throws {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 1000 }
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try FileManager.default.removeItem(atPath: bench.folder.outbox)
        let first = await #expect(throws: DeskFault.self) { try await bench.work() }
        #expect(first?.passes == true)
        #expect(first?.description.contains(bench.folder.outbox) == true)
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1", [.credit("5.00", "R1")]))
        await #expect(throws: DeskFault.self) { try await bench.work() }
        #expect(try bench.counts("entry") == ["issued": 1])
        try bench.folder.make()
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).count == 1)
        #expect(try bench.counts("redemption") == ["sent": 1])
    }

    @Test("whatever fails in the outbox passes, and leaves nothing half written")
    func fails() throws {
        let bench = try Bench()
        let outbox = bench.folder.outbox
        try FileManager.default.createDirectory(
            atPath: outbox + "/a.xml/full", withIntermediateDirectories: true)
        for (folder, name) in [(outbox, "a.xml"), ("/proc/self", "b.xml"), ("/nowhere", "c.xml")] {
            let fault = #expect(throws: DeskFault.self) {
                try OutboxFile.write([1], named: name, in: folder)
            }
            #expect(fault?.passes == true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: outbox) == ["a.xml"])
    }

    @Test("a file that a restored journal has as unwritten is a person's, where the ledger went on")
    func restored() async throws {
        for hasGoneOn in [false, true] {
            let bench = try Bench()
            let mill = try bench.customer("Mill", account: "1234", virtual: Bench.virtual)
            bench.ledger.set { $0.balances[mill.address] = 1000 }
            bench.ledger.certify(false)
            bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
            try await bench.work()
            let folder = DeskFolder(bench.folder.path + "-backup")
            defer { try? FileManager.default.removeItem(atPath: folder.path) }
            try FileManager.default.copyItem(atPath: bench.folder.path, toPath: folder.path)
            bench.ledger.certify(true)
            try bench.drop(
                "a.xml",
                Message.notification(
                    "N1", [.credit("5.00", "R1")]))
            if hasGoneOn { try await bench.work() }
            // A transaction of its own must not make the copy look like the newest journal.
            try bench.drop(
                "b.xml", Message.notification("N2", [.credit("6.00", "R2")]), in: folder)
            let copy = try bench.desk(in: folder)
            try await copy.work()
            #expect(try bench.files(folder.outbox).isEmpty == hasGoneOn)
            #expect(try copy.cases() == (hasGoneOn ? ["payment-held"] : []))
        }
    }

    /// A payment file is composed, and the outbox is not there.
    private func waiting() async throws -> Bench {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 1000 }
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try FileManager.default.removeItem(atPath: bench.folder.outbox)
        await #expect(throws: DeskFault.self) { try await bench.work() }
        return bench
    }

    /// The desk's folder as it is now, with an outbox.
    private func backup(of bench: Bench) throws -> DeskFolder {
        let folder = DeskFolder(bench.folder.path + "-backup")
        try FileManager.default.copyItem(atPath: bench.folder.path, toPath: folder.path)
        try folder.make()
        return folder
    }

    private static let credit = Message.notification("N1", [.credit("5.00", "R1")])

    @Test("a node that was as old as the restored journal, and caught up, is not believed at once")
    func nodeBehind() async throws {
        for isTold in [false, true] {
            let bench = try await waiting()
            let folder = try backup(of: bench)
            defer { try? FileManager.default.removeItem(atPath: folder.path) }
            let nonces = bench.ledger.contents.nonces
            try bench.folder.make()
            try await bench.tell(Self.credit)
            let copy = try bench.desk(in: folder)
            bench.ledger.lag(nonces, isTold: isTold)
            if !isTold { try FileManager.default.removeItem(atPath: folder.outbox) }
            let fault = await #expect(throws: DeskFault.self) { try await copy.round() }
            #expect(fault?.passes == true)
            #expect((fault == .behind(bench.settings.node)) == isTold)
            bench.ledger.lag(nil)
            try folder.make()
            try await copy.work()
            #expect(try bench.files(folder.outbox).isEmpty)
            #expect(try copy.cases() == ["payment-held"])
        }
    }

    @Test("a file is a person's where an unknown transaction took the nonce of one of the desk's")
    func nonceTaken() async throws {
        let bench = try await waiting()
        bench.ledger.hold(true)
        await #expect(throws: DeskFault.self) { try await bench.tell(Self.credit) }
        bench.ledger.dropPool()
        bench.ledger.spendNonce(of: bench.settings.bank)
        bench.ledger.hold(false)
        try bench.folder.make()
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        #expect(try bench.reasons() == ["payment-held"])
        #expect(try bench.counts("entry") == ["issued": 1])
    }

    @Test("a release from before the backup does not count, one after it does")
    func released() async throws {
        let bench = try await waiting()
        bench.now += 7200
        bench.start()
        try await bench.work()
        let late = try #require(try bench.journal.cases().first)
        try bench.journal.release(late.id, Decision(), bench.settings, at: bench.now)
        let folder = try backup(of: bench)
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try bench.folder.make()
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).count == 1)
        try await bench.tell(Self.credit)
        let copy = try bench.desk(in: folder)
        try await copy.work()
        #expect(try bench.files(folder.outbox).isEmpty)
        let held = try #require(try copy.journal.cases().first)
        #expect(held.reason == "payment-held")
        try copy.journal.release(held.id, Decision(), bench.settings, at: bench.now)
        try await copy.work()
        #expect(try bench.files(folder.outbox).count == 1)
        #expect(try copy.cases().isEmpty)
    }
}
