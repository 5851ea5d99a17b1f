import Files
import Foundation
import Ledger
import Testing

@testable import BankDesk

/// The same money told more than once.
@Suite("One effect")
struct RepetitionTests {
    private static let one = Message.Entry.credit("10.00", "R1")

    @Test("a file that comes twice, renamed or after a restart, has one effect")
    func sameFile() async throws {
        let (bench, _) = try Bench.withMill()
        let text = Message.notification("N1", [Self.one])
        for name in ["a.xml", "b.xml", "a.xml"] {
            try bench.drop(name, text)
            try await bench.work()
            try bench.restart()
        }
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.counts("message") == ["filed": 1])
        #expect(try bench.files(bench.folder.spool).isEmpty)
    }

    @Test("an entry that camt.054 and camt.053 tell under one reference has one effect")
    func twoKinds() async throws {
        for isReversed in [false, true] {
            let (bench, _) = try Bench.withMill()
            let files = [
                Message.notification("N1", [Self.one]),
                Message.statement("S1", [Self.one], closing: "10.00"),
            ]
            for text in isReversed ? files.reversed() : files {
                try await bench.tell(text)
            }
            #expect(bench.ledger.contents.supply == 1000)
            #expect(try bench.journal.cases().isEmpty)
        }
    }

    @Test("an entry that camt.054 and camt.053 tell under two references goes to a person")
    func twoReferences() async throws {
        let (bench, _) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [Self.one]))
        var other = Self.one
        other.reference = "X9"
        try await bench.tell(Message.statement("S1", [other], closing: "10.00"))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.twin.rawValue])
    }

    @Test("two payments of one amount on one day, each told by both kinds, are two")
    func twoLikePayments() async throws {
        let (bench, _) = try Bench.withMill()
        var other = Self.one
        other.reference = "R2"
        try bench.drop("a.xml", Message.notification("N1", [Self.one, other]))
        try await bench.tell(Message.statement("S1", [other, Self.one], closing: "20.00"))
        #expect(bench.ledger.contents.supply == 2000)
        #expect(try bench.journal.cases().isEmpty)
    }

    @Test("a reference that comes again for another amount goes to a person")
    func otherAmount() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop("a.xml", Message.notification("N1", [Self.one]))
        var other = Self.one
        other.amount = "11.00"
        try await bench.tell(Message.notification("N2", [other]))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.referenceReused.rawValue])
    }

    @Test("a collective booking is its parts, whichever of the two is told first")
    func collective() async throws {
        var whole = Message.Entry(amount: "30.00", reference: "G1")
        whole.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        let sum = Message.Entry(amount: "30.00", reference: "G1")
        for isReversed in [false, true] {
            let (bench, _) = try Bench.withMill()
            let files = [
                Message.notification("N1", [whole]),
                Message.statement("S1", [sum], closing: "30.00"),
            ]
            for text in isReversed ? files.reversed() : files {
                try await bench.tell(text)
            }
            #expect(bench.ledger.contents.supply == 3000)
            #expect(bench.ledger.contents.issues.count == 2)
            #expect(try bench.journal.cases().isEmpty)
        }
    }

    @Test("money told of a virtual account, and again of the account behind it, has one effect")
    func virtualStatement() async throws {
        let (bench, _) = try Bench.withMill()
        var bare = Self.one
        bare.creditorAccount = nil
        try await bench.tell(Message.notification("N1", [bare], account: Bench.virtual))
        #expect(bench.ledger.contents.supply == 1000)
        try await bench.tell(Message.statement("S1", [bare], closing: "10.00"))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.journal.cases().isEmpty)
    }

    @Test("a collective booking whose parts do not add up goes to a person")
    func badSum() async throws {
        let (bench, _) = try Bench.withMill()
        var whole = Message.Entry(amount: "31.00", reference: "G1")
        whole.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        try await bench.tell(Message.notification("N1", [whole]))
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.reasons() == ["bad-sum", "bad-sum"])
    }

    @Test("a truncated file is put into quarantine, and its whole taken afterwards")
    func truncated() async throws {
        let (bench, _) = try Bench.withMill()
        let text = Message.notification("N1", [Self.one])
        try await bench.tell(String(text.dropLast(40)))
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.counts("message") == ["quarantined": 1])
        let quarantine = try bench.files(bench.folder.quarantine)
        #expect(quarantine.count == 2)
        #expect(quarantine.values.contains { $0.contains("xml.truncated") })
        try await bench.tell(text)
        #expect(bench.ledger.contents.supply == 1000)
    }

    @Test("two desks on copies of one folder issue once; the other finds it on the ledger")
    func twoCopies() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop("a.xml", Message.notification("N1", [Self.one]))
        let copy = bench.folder.path + "-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: bench.folder.path, toPath: copy)
        // Copying makes the message fresh, and the test's clock stands still.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: TimeInterval(bench.now - 100))],
            ofItemAtPath: copy + "/inbox/a.xml")
        try await bench.work()
        let second = try bench.desk(in: DeskFolder(copy))
        try await second.work()
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try second.counts() == ["issued": 1])
    }

    @Test("a reference that the ledger has for another amount goes to a person")
    func onLedger() async throws {
        let (bench, _) = try Bench.withMill()
        let reference = bench.settings.ledgerReference(of: "R1")
        bench.ledger.set { $0.issues[reference] = .init(to: .dip, amount: 1) }
        var other = Self.one
        other.reference = "R2"
        try await bench.tell(Message.notification("N1", [Self.one, other]))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.onLedger.rawValue])
    }

    @Test("the second desk in a folder is refused")
    func locked() throws {
        let (bench, _) = try Bench.withMill()
        #expect(throws: DeskFault.noDesk(path: bench.folder.path)) {
            _ = try DeskLock(bench.folder)
        }
        #expect(access(bench.folder.path + "/desk.lock", F_OK) != 0)
        try WholeFile.write([], to: bench.folder.settings, mode: 0o600)
        let lock = try DeskLock(bench.folder)
        #expect(throws: DeskFault.folderInUse(path: bench.folder.path)) {
            _ = try DeskLock(bench.folder)
        }
        withExtendedLifetime(lock) {}
    }
}
