import Foundation
import GRDB
import Ledger
import Logging
import Signing
import Testing
import Wallet

@testable import BankDesk

/// Journals of earlier programs are opened, and worked with.
@Suite struct EarlierJournalTests {
    private static let names = ["first", "netting", "paying-out", "operators"]
    private static let password = SecretBytes(Array("pw".utf8))

    /// A desk's folder with a journal of an earlier program.
    private final class Earlier {
        let folder = DeskFolder(
            NSTemporaryDirectory() + "earlier-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        let keys: DeskKeys
        let journal: Journal

        init(_ name: String) throws {
            try folder.make()
            // The key with which its fields are sealed.
            let fields = try #require(PrivateKey([UInt8](repeating: 0, count: 31) + [1]))
            _ = try Keystore(folder: folder.keys).add(
                fields, password: password, label: DeskKeys.Label.fields, time: 0,
                derivation: .scrypt(n: 2, r: 8, p: 1))
            try DeskKeys.make(
                folder, bank: .local(try PrivateKey.random()), password: password,
                derivation: .scrypt(n: 2, r: 8, p: 1), time: 0)
            keys = try DeskKeys(folder, password: password, withBank: true)
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Earlier/\(name).sql")
            let text = try String(contentsOf: file, encoding: .utf8)
            // Tables come in the order of their names.
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            let queue = try DatabaseQueue(path: folder.journal, configuration: configuration)
            try queue.writeWithoutTransaction { try $0.execute(sql: text) }
            try queue.close()
            chmod(folder.journal, 0o600)
            journal = try Journal(path: folder.journal, cipher: keys.cipher)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder.path) }
    }

    @Test(arguments: names) func `what an earlier program wrote is read`(name: String) throws {
        let journal = try Earlier(name).journal
        let customers = try journal.customers()
        #expect(customers.map(\.name) == ["Mill", "Shop"])
        #expect(customers.map(\.account) == ["1234", "5678"])
        #expect(customers[0].virtualAccount == Bench.virtual)
        let found = try #require(try journal.cases().first)
        #expect(found.reason == "unknown-payer" && found.place == nil && found.details == nil)
        #expect(
            try journal.facts(ofEntry: 1).contains { $0 == ("to", Bench.virtual) })
        #expect(try journal.messages(in: "filed").map(\.name) == ["a.xml"])
        let states = try journal.redemptions(onlyOpen: false, atMost: 9).map(\.state)
        #expect(states.suffix(2) == ["requested", "sent"])
        #expect(states.dropLast(2).allSatisfy { $0 == "settled" })
        let plain = try journal.read { db in
            (
                try Bool.fetchOne(db, sql: "SELECT count(*) = 0 FROM pragma_foreign_key_check"),
                try String.fetchOne(db, sql: "PRAGMA integrity_check")
            )
        }
        #expect(plain.0 == true && plain.1 == "ok")
    }

    @Test func `all of them, and a new one, end with the same tables`() throws {
        func columns(_ journal: Journal) throws -> [String: Set<String>] {
            try journal.read { db in
                let tables = try String.fetchAll(
                    db, sql: "SELECT name FROM sqlite_master WHERE type IN ('table', 'index')")
                return Dictionary(
                    uniqueKeysWithValues: try tables.map { table in
                        let names = try Row.fetchAll(
                            db, sql: "SELECT name, type FROM pragma_table_info(?)",
                            arguments: [table]
                        ).map { "\($0["name"] as String) \($0["type"] as String)" }
                        return (table, Set(names))
                    })
            }
        }
        let new = try columns(try Bench().journal)
        for name in Self.names {
            let earlier = try Earlier(name)
            #expect(try columns(earlier.journal) == new, "\(name)")
        }
    }

    @Test(arguments: names) func `a desk goes on with it where the earlier one stopped`(
        name: String
    ) async throws {
        let earlier = try Earlier(name)
        let bank = try #require(earlier.keys.bank?.address)
        let token = Address(high: 1, middle: 2, low: 3)
        let ledger = MemoryLedger(token: token, bank: bank)
        let mill = try earlier.journal.customers()[0]
        ledger.set {
            $0.balances[mill.address] = 10_000
            $0.supply = 10_000
        }
        ledger.redeem(1000, by: mill.address, payout: mill.payout)
        ledger.redeem(700, by: mill.address, payout: mill.payout)
        ledger.set { $0.redemptions[1]?.state = .instructed }
        let settings = DeskSettings(
            node: "http://127.0.0.1:1", chainID: MemoryLedger.chainID,
            genesis: MemoryLedger.genesis, bank: bank, token: token,
            currency: try #require(CurrencyCode("EUR")), account: Bench.account,
            bic: "BYLADEM1001", name: "East Bank", passwordFile: "")
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var setup = Desk.Setup(
            folder: earlier.folder, settings: settings, keys: earlier.keys, log: log)
        setup.clock = DeskClock { 1_764_000_000 }
        var known = Message.Entry.credit("100.00", "R1")
        known.day = "2025-11-23"
        let text = Message.notification("N2", [known, .debit("10.00", "D1", of: "1")])
        let path = earlier.folder.inbox + "/b.xml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_763_999_000)], ofItemAtPath: path)
        var desk = Desk(setup, journal: earlier.journal, ledger: ledger)
        try await desk.once(patience: .milliseconds(200))
        // What was to be issued is, and what is known already is not.
        let balances = ledger.contents.balances
        #expect(balances[try earlier.journal.customers()[1].address] == 500)
        #expect(balances[mill.address] == 8300)
        // What was sent is settled, and what was asked for is sent.
        #expect(ledger.contents.redemptions[1]?.state == .settled)
        let pending = try earlier.journal.redemptions(onlyOpen: true, atMost: 9)
        #expect(pending.map(\.id) == [2] && pending.map(\.state) == ["sent"])
        // And its case is decided.
        let found = try #require(try earlier.journal.cases().first)
        try earlier.journal.release(
            found.id, Decision(customer: mill.id), settings, at: 1_764_000_000)
        try await desk.once(patience: .milliseconds(200))
        #expect(ledger.contents.balances[mill.address] == 10_300)
        #expect(try earlier.journal.cases().isEmpty)
    }
}
