import Foundation
import GRDB
import Ledger
import Logging
import Testing

@testable import BankDesk

/// Files that stay in the inbox, of which a person is told.
@Suite("Files that stay")
struct StayingFileTests {
    @Test("an empty file is waited for, and told of when it stays so")
    func empty() async throws {
        let (bench, mill) = try Bench.withMill()
        // Two that are empty would be one message, of which the second is thrown away.
        for name in ["a.xml", "b.xml"] { try bench.drop(name, "") }
        try await bench.work()
        #expect(try bench.counts("message").isEmpty)
        #expect(try bench.reasons().isEmpty)
        bench.now += 600
        bench.start()
        try await bench.work()
        #expect(try bench.reasons() == ["file-empty", "file-empty"])
        #expect(try bench.files(bench.folder.inbox).count == 2)
        try bench.drop("b.xml", Message.notification("N1", [.credit("1.00", "R")]))
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 100])
    }

    @Test("what is written into an empty file while the desk looks is not passed over")
    func emptyNoMore() throws {
        let bench = try Bench()
        let path = bench.folder.inbox + "/a.xml"
        try bench.drop("a.xml", "")
        var inbox = Inbox(bench.folder.inbox)
        let spool = Spool(folder: bench.folder, largest: 100)
        do throws(Spool.Obstacle) {
            _ = try spool.copy("a.xml", in: inbox.path)
            Issue.record("an empty file was copied")
        } catch {
            guard case .empty(let look) = error else {
                Issue.record("\(error)")
                return
            }
            try bench.drop("a.xml", "1")
            inbox.passOver("a.xml", look)
        }
        #expect(try inbox.complete(now: bench.now) == ["a.xml"])
        inbox.passOver("a.xml", FileLook(path: path))
        #expect(try inbox.complete(now: bench.now).isEmpty)
    }

    @Test("what is written into an empty file while somebody is told of it is taken")
    func emptyUntilTold() async throws {
        let (bench, mill) = try Bench.withMill()
        try bench.drop("a.xml", "")
        try await bench.work()
        bench.now += 600
        let path = bench.folder.inbox + "/a.xml"
        let text = Message.notification("N1", [.credit("1.00", "R")])
        let old = Date(timeIntervalSince1970: TimeInterval(bench.now - 100))
        bench.log = Logger(label: "test") { _ in
            Writer {
                try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
                try? FileManager.default.setAttributes(
                    [.modificationDate: old], ofItemAtPath: path)
            }
        }
        bench.start()
        for _ in 0..<2 { try await bench.work() }
        #expect(try bench.reasons() == ["file-empty"])
        #expect(bench.ledger.contents.balances == [mill.address: 100])
    }

    /// Does something when the desk says that a file stays in the inbox.
    private struct Writer: LogHandler {
        let write: @Sendable () -> Void
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.warning

        init(_ write: @escaping @Sendable () -> Void) { self.write = write }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if "\(event.message)" == "a file stays in the inbox" { write() }
        }
    }

    @Test("a file whose name is no UTF-8 is told of, once")
    func unnamed() async throws {
        let bench = try Bench()
        let path = Array((bench.folder.inbox + "/").utf8) + [0xfc, 0x2e, 0x78, 0x6d, 0x6c, 0]
        let file = path.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { open($0, O_WRONLY | O_CREAT, 0o600) } ?? -1
            }
        }
        try #require(file >= 0)
        close(file)
        // Until somebody was told: the journal may be another program's for a while.
        var inbox = Inbox(bench.folder.inbox)
        for _ in 0..<2 {
            #expect(try inbox.complete(now: bench.now).isEmpty)
            #expect(inbox.untold.count == 1)
        }
        inbox.noteTold(try #require(inbox.untold.first))
        #expect(inbox.untold.isEmpty)
        // What is gone leaves its number to another file.
        let (named, unnamed) = (bench.folder.inbox + "/.a.xml", path.map { CChar(bitPattern: $0) })
        #expect(rename(unnamed, named) == 0)
        #expect(try inbox.complete(now: bench.now).isEmpty)
        #expect(rename(named, unnamed) == 0)
        #expect(try inbox.complete(now: bench.now).isEmpty)
        #expect(inbox.untold.count == 1)
        // The desk cannot tell of it at first.
        try bench.journal.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER refuse BEFORE INSERT ON deskCase
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """)
        }
        await #expect(throws: DeskFault.self) { try await bench.round() }
        try bench.journal.write { db in try db.execute(sql: "DROP TRIGGER refuse") }
        for _ in 0..<2 { try await bench.work() }
        #expect(try bench.reasons() == ["file-name"])
    }
}
