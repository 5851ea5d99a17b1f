import Foundation
import GRDB
import JSON
import Ledger
import Testing
import Wallet

@testable import BankDesk

/// The file itself.
@Suite("Journal")
struct JournalTests {
    @Test("the journal is in WAL mode, syncs fully, and is its owner's alone")
    func settings() throws {
        let bench = try Bench()
        _ = try bench.customer("Mill", account: "1234")
        let (mode, level) = try bench.journal.read { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        #expect(mode == "wal")
        #expect(level == 2)
        for suffix in ["", "-wal", "-shm"] {
            let facts = try FileManager.default.attributesOfItem(
                atPath: bench.folder.journal + suffix)
            #expect(facts[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("nothing personal lies open in the journal's files")
    func personal() async throws {
        let bench = try Bench()
        let mill = try bench.customer("Watermill", account: "98765432", virtual: Bench.virtual)
        try bench.drop(
            "invoice-of-watermill.xml",
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "10.00", reference: "R1", remittance: "secret invoice",
                        creditorAccount: Bench.virtual)
                ]))
        try await bench.work()
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).count == 1)
        for suffix in ["", "-wal"] {
            let bytes = try Data(
                contentsOf: URL(fileURLWithPath: bench.folder.journal + suffix))
            for word in [
                "Watermill", "98765432", Bench.virtual, "secret invoice", "Some Payer", "watermill",
            ] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word)")
            }
        }
    }

    @Test("a journal of a newer program and one with another key are refused")
    func refused() throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234")
        let other = FieldCipher(try PrivateKey.random())
        #expect(throws: DeskFault.self) {
            try Journal(path: bench.folder.journal, cipher: other).customer(mill.id)
        }
        try bench.journal.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')")
        }
        #expect(throws: DeskFault.journal("it was written by a newer program")) {
            try Journal(path: bench.folder.journal, cipher: bench.keys.cipher)
        }
    }

    @Test("a disk without room is told as such, and nothing is half written")
    func noRoom() throws {
        let bench = try Bench()
        try bench.journal.write { db in
            try db.execute(sql: "PRAGMA max_page_count = 1")
        }
        var fault: DeskFault?
        for number in 0..<1000 where fault == nil {
            do throws(DeskFault) {
                _ = try bench.journal.take(
                    Hash32(word: UInt128(number)), name: String(repeating: "x", count: 500),
                    bytes: 1, at: 1)
            } catch { fault = error }
        }
        #expect(fault?.passes == true)
    }

    @Test("settings are read as they were written, and strangers among them refused")
    func deskSettings() throws {
        let settings = try Bench().settings
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        var writer = JSONWriter()
        writer.value(settings.json)
        let text = writer.text
        #expect(try DeskSettings(parsing: bytes(text)) == settings)
        #expect(throws: DeskFault.settings("inbx is not known")) {
            try DeskSettings(
                parsing: bytes(text.replacing("{\"node\"", with: "{\"inbx\":1,\"node\"")))
        }
        #expect(throws: DeskFault.self) { try DeskSettings(parsing: bytes("{}")) }
    }

    @Test("the entries of a redemption are found without reading all entries")
    func indexOfRedemptions() throws {
        let bench = try Bench()
        let plan = try bench.journal.read { db in
            try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN SELECT id FROM entry WHERE redemption = 1")
        }
        #expect(plan.allSatisfy { ($0["detail"] as String).contains("entryOfRedemption") })
    }
}
