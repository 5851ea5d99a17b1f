import Foundation
import Ledger
import Testing

@testable import BankDesk

/// Files in the inbox.
@Suite("Inbox")
struct InboxTests {
    private func write(_ bench: Bench, _ name: String, _ text: String, age: Double) throws {
        try bench.drop(name, text)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(bench.now) - age)],
            ofItemAtPath: bench.folder.inbox + "/" + name)
    }

    @Test("a fresh file is taken when it looked the same for three seconds")
    func looks() throws {
        let bench = try Bench()
        var inbox = Inbox(bench.folder.inbox)
        try write(bench, "a.xml", "1", age: 0)
        #expect(try inbox.complete(now: bench.now).isEmpty)
        #expect(inbox.isWaiting)
        try write(bench, "a.xml", "12", age: 0)
        #expect(try inbox.complete(now: bench.now + 3).isEmpty)
        #expect(try inbox.complete(now: bench.now + 4).isEmpty)
        #expect(try inbox.complete(now: bench.now + 6) == ["a.xml"])
        try write(bench, "b.xml", "1", age: 10)
        #expect(try inbox.complete(now: bench.now).contains("b.xml"))
    }

    @Test("links, folders, pipes and names of files in the making are left alone")
    func others() async throws {
        let bench = try Bench()
        let inbox = bench.folder.inbox
        try write(bench, ".a.xml", "1", age: 100)
        try write(bench, "a.xml.tmp", "1", age: 100)
        try FileManager.default.createDirectory(
            atPath: inbox + "/folder.xml", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: inbox + "/link.xml", withDestinationPath: "/etc/passwd")
        #expect(mkfifo(inbox + "/pipe.xml", 0o600) == 0)
        try await bench.work()
        #expect(try bench.counts("message").isEmpty)
        // They, and whose the inbox is.
        #expect(try FileManager.default.contentsOfDirectory(atPath: inbox).count == 6)
    }

    @Test("a file above the limit stays where it is for a person, and the desk goes on")
    func tooLarge() async throws {
        let bench = try Bench()
        bench.settings.largestFile = 2000
        bench.start()
        _ = try bench.customer("Mill", account: "1", virtual: Bench.virtual)
        try write(bench, "a.xml", String(repeating: " ", count: 2001), age: 100)
        try write(
            bench, "b.xml",
            Message.notification(
                "N1",
                [.credit("1.00", "R")]),
            age: 100)
        try await bench.work()
        #expect(bench.ledger.contents.supply == 100)
        #expect(try Array(bench.files(bench.folder.inbox).keys) == ["a.xml"])
        let found = try bench.journal.cases()
        #expect(found.map(\.reason) == ["file-too-large"])
        #expect(found.first?.text.contains("more bytes than 2000") == true)
        // While it is written it is the same matter.
        let file = try #require(FileHandle(forWritingAtPath: bench.folder.inbox + "/a.xml"))
        try file.seekToEnd()
        try file.write(contentsOf: Array(repeating: 0x20, count: 10))
        try file.close()
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(bench.now) - 90)],
            ofItemAtPath: bench.folder.inbox + "/a.xml")
        try await bench.work()
        #expect(try bench.reasons() == ["file-too-large"])
    }

    private static func payment(_ id: String) -> String {
        let one = Message.Entry(
            amount: "1.00", reference: id, creditorAccount: Bench.virtual)
        return Message.notification(id, [one])
    }

    @Test("an inbox that is gone holds up nothing that needs none, and the desk says so")
    func gone() async throws {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.balances[mill.address] = 1000 }
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try FileManager.default.removeItem(atPath: bench.folder.inbox)
        for _ in 0..<4 {
            let fault = await #expect(throws: DeskFault.self) { try await bench.round() }
            #expect(fault?.passes == true)
            #expect(fault?.description.contains(bench.folder.inbox) == true)
        }
        #expect(try bench.files(bench.folder.outbox).count == 1)
    }

    @Test("a file that cannot be taken away holds up no other, and has one effect")
    func stuck() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop("a.xml", Self.payment("R1"))
        try bench.drop("b.xml", Self.payment("R2"))
        // No file can have the name that one has on its way out.
        let inbox = bench.folder.inbox
        bench.points = FaultPoints { point throws(DeskFault) in
            guard point == .messageJournaled else { return }
            try? FileManager.default.createDirectory(
                atPath: inbox + "/.dipnet-taken/full", withIntermediateDirectories: true)
        }
        bench.start()
        for _ in 0..<4 {
            let fault = await #expect(throws: DeskFault.self) { try await bench.round() }
            #expect(fault?.passes == true)
        }
        #expect(try bench.counts("entry") == ["issued": 2])
        bench.points = .none
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.supply == 200)
        #expect(!FileManager.default.fileExists(atPath: inbox + "/a.xml"))
        #expect(!FileManager.default.fileExists(atPath: inbox + "/b.xml"))
        #expect(try bench.files(bench.folder.spool).isEmpty)
    }

    @Test("a file that could not get a name back is not lost below the next one")
    func below() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop("a.xml", Self.payment("R1"))
        let left = bench.folder.inbox + "/.dipnet-taken"
        let other = Self.payment("R2")
        let old = Date(timeIntervalSince1970: TimeInterval(bench.now - 100))
        bench.points = FaultPoints { point throws(DeskFault) in
            guard point == .messageJournaled else { return }
            try? other.write(toFile: left, atomically: true, encoding: .utf8)
            try? FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: left)
        }
        bench.start()
        await #expect(throws: DeskFault.self) { try await bench.work() }
        bench.points = .none
        try bench.restart()
        try await bench.work()
        try await bench.work()
        #expect(bench.ledger.contents.supply == 200)
        #expect(try bench.files(bench.folder.inbox).isEmpty)
    }

    @Test("a file that gets the name of one that is being taken is taken as well")
    func replaced() async throws {
        let (bench, _) = try Bench.withMill()
        let first = Self.payment("R1")
        try bench.drop("a.xml", first)
        let path = bench.folder.inbox + "/a.xml"
        let second = Self.payment("R2")
        let old = Date(timeIntervalSince1970: TimeInterval(bench.now - 100))
        bench.points = FaultPoints { point throws(DeskFault) in
            guard point == .fileCopied,
                (try? String(contentsOfFile: path, encoding: .utf8)) == first
            else { return }
            try? second.write(toFile: path, atomically: true, encoding: .utf8)
            try? FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path)
        }
        bench.start()
        try await bench.work()
        try await bench.work()
        #expect(bench.ledger.contents.supply == 200)
        #expect(try bench.files(bench.folder.inbox).isEmpty)
    }

    @Test("a file that the desk was about to remove when it was killed is looked at again")
    func leaving() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop(".dipnet-taken", Self.payment("R1"))
        try await bench.work()
        #expect(bench.ledger.contents.supply == 100)
        #expect(try bench.files(bench.folder.inbox).isEmpty)
    }

    @Test("a file that cannot be read is one file's trouble; an inbox that is gone passes")
    func unreadable() async throws {
        let bench = try Bench()
        // Reading this at its beginning fails for everybody.
        #expect {
            _ = try Spool(folder: bench.folder, largest: 1000).copy("mem", in: "/proc/self")
        } throws: { error in
            guard case .unreadable = error as? Spool.Obstacle else { return false }
            return true
        }
        try FileManager.default.removeItem(atPath: bench.folder.inbox)
        let fault = await #expect(throws: DeskFault.self) { try await bench.work() }
        #expect(fault?.passes == true)
        #expect(fault?.description.contains(bench.folder.inbox) == true)
    }

    @Test("hostile names are no paths")
    func names() async throws {
        let bench = try Bench()
        for (index, name) in ["..xml", "-rf", "a\nb", "'; DROP TABLE entry; --", "%00", "ä€漢"]
            .enumerated()
        {
            try write(bench, name, "<nonsense \(index)", age: 100)
        }
        try await bench.work()
        // One begins with a dot.
        #expect(try bench.counts("message") == ["quarantined": 5])
        #expect(try bench.files(bench.folder.quarantine).count == 10)
    }

    @Test("messages that ask the bank for something are not the desk's")
    func notForTheDesk() async throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1", virtual: Bench.virtual)
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [.credit("1.00", "R")]))
        try await bench.work()
        bench.ledger.redeem(100, by: mill.address, payout: mill.payout)
        try await bench.work()
        let order = try #require(try bench.files(bench.folder.outbox).values.first)
        try bench.drop("b.xml", order)
        try await bench.work()
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "message.not-for-the-desk")
    }

    @Test("a message from the future is put into quarantine until a person releases it")
    func future() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "1.00", reference: "R", day: "2026-12-24",
                        creditorAccount: Bench.virtual)
                ], created: "2026-12-24T10:00:00Z"))
        try await bench.work()
        #expect(bench.ledger.contents.supply == 0)
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "message.future")
        try bench.journal.release(found.id, Decision(), bench.settings, at: bench.now)
        try await bench.work()
        #expect(bench.ledger.contents.supply == 100)
        #expect(try bench.files(bench.folder.quarantine).isEmpty)
        #expect(try bench.files(bench.folder.archive).count == 1)
    }

    @Test("a file of the end of time is taken when it looked the same for a while")
    func endOfTime() throws {
        // Of what file systems there are, those in memory keep such times.
        let folder = "/dev/shm/inbox-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        #expect(mkdir(folder, 0o700) == 0)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "1".write(toFile: folder + "/a.xml", atomically: true, encoding: .utf8)
        var times = [timespec(), timespec()]
        times[1].tv_sec = .max
        #expect(utimensat(AT_FDCWD, folder + "/a.xml", &times, 0) == 0)
        var inbox = Inbox(folder)
        #expect(try inbox.complete(now: 1_764_000_000).isEmpty)
        #expect(try inbox.complete(now: 1_764_000_003) == ["a.xml"])
    }

    @Test("a message that was lost from the spool is read when it comes again")
    func lostCopy() async throws {
        let (bench, mill) = try Bench.withMill()
        let text = Message.notification("N1", [.credit("1.00", "R")])
        bench.points = FaultPoints { place throws(DeskFault) in
            if place == .fileRemoved { throw .stopped(place) }
        }
        bench.start()
        try bench.drop("a.xml", text)
        await #expect(throws: DeskFault.stopped(.fileRemoved)) { try await bench.work() }
        // The journal is put back on another machine, and what it was about to read is not there.
        for name in try bench.files(bench.folder.spool).keys {
            try FileManager.default.removeItem(atPath: bench.folder.spool + "/" + name)
        }
        bench.points = .none
        try bench.restart()
        try await bench.work()
        #expect(try bench.counts("message") == ["quarantined": 1])
        try bench.drop("again.xml", text)
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 100])
        #expect(try bench.reasons().isEmpty && bench.counts("message") == ["filed": 1])
        #expect(try bench.files(bench.folder.quarantine).isEmpty)
    }
}
