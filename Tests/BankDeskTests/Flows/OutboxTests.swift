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
            let copy = try bench.desk(in: folder)
            try await copy.work()
            #expect(try bench.files(folder.outbox).isEmpty == hasGoneOn)
            #expect(try copy.cases() == (hasGoneOn ? ["payment-held"] : []))
        }
    }
}
