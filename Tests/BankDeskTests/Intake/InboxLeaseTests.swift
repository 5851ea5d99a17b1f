import Foundation
import Glibc
import Ledger
import Testing

@testable import BankDesk

/// One desk at a time takes the files of an inbox.
@Suite struct InboxLeaseTests {
    private static func folder() throws -> String {
        let path = NSTemporaryDirectory() + "lease-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        return path
    }

    private static func isTaken(_ lease: InboxLease) throws -> Bool {
        do throws(DeskFault) {
            try lease.take()
            return true
        } catch .inboxInUse {
            return false
        }
    }

    @Test func `of two desks with one inbox the second takes nothing, and goes on with all else`()
        async throws
    {
        let (one, mill) = try Bench.withMill()
        let (two, shop) = try Bench.withMill()
        try await one.work()
        let shared = one.folder.inbox
        try FileManager.default.removeItem(atPath: two.folder.inbox)
        try FileManager.default.createSymbolicLink(
            atPath: two.folder.inbox, withDestinationPath: shared)
        try one.drop("a.xml", Message.notification("N1", [.credit("1.00", "R1")]))
        two.ledger.set { $0.balances[shop.address] = 500 }
        two.ledger.redeem(500, by: shop.address, payout: shop.payout)
        await #expect {
            try await two.work()
        } throws: { error in
            guard case .inboxInUse(let path, _)? = error as? DeskFault else { return false }
            return path == two.folder.inbox && (error as? DeskFault)?.passes == true
        }
        #expect(try two.standing() == ["sent"])
        #expect(try two.counts("message").isEmpty)
        try await one.work()
        #expect(one.ledger.contents.balances == [mill.address: 100])
        // It is the second one's when the first has ended.
        try one.drop("b.xml", Message.notification("N2", [.credit("2.00", "R2")]))
        one.end()
        try await two.work()
        #expect(two.ledger.contents.balances[shop.address] == 200)
    }

    @Test func `a desk that loses the inbox takes no further file out of it`() async throws {
        let (bench, mill) = try Bench.withMill()
        for (name, amount) in [("a", "1.00"), ("b", "2.00")] {
            try bench.drop("\(name).xml", Message.notification(name, [.credit(amount, name)]))
        }
        let inbox = bench.folder.inbox
        let other = InboxLease(inbox)
        bench.points = FaultPoints { point throws(DeskFault) in
            let manager = FileManager.default
            guard point == .fileRemoved, !manager.fileExists(atPath: inbox + "-before") else {
                return
            }
            // As when a share is mounted there, of which another desk takes the files.
            try? manager.moveItem(atPath: inbox, toPath: inbox + "-before")
            try? manager.copyItem(atPath: inbox + "-before", toPath: inbox)
            try other.take()
        }
        bench.start()
        await #expect {
            try await bench.work()
        } throws: { error in
            guard case .inboxInUse? = error as? DeskFault else { return false }
            return true
        }
        #expect(try bench.files(inbox).keys.sorted() == ["b.xml"])
        #expect(bench.ledger.contents.balances == [mill.address: 100])
    }

    private static func withFolder(_ body: (String, String) throws -> Void) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder, folder + "/" + InboxLease.name)
    }

    @Test func `the lock of the file counts too, which reaches other machines`() throws {
        try Self.withFolder { (folder, path) throws in
            let other = open(path, O_RDWR | O_CREAT, 0o600)
            try #require(other >= 0)
            #expect(Glibc.write(other, "bank-2\n", 7) == 7 && flock(other, LOCK_EX) == 0)
            let lease = InboxLease(folder)
            #expect(throws: DeskFault.inboxInUse(path: folder, by: "bank-2")) { try lease.take() }
            close(other)
            #expect(try Self.isTaken(lease))
        }
    }

    @Test func `what a desk that was killed left is no reason to wait, whatever it says`() throws {
        for said in ["", "bank-2\n", "dipnet desk 01 boot place bank-2 7\n"] {
            try Self.withFolder { (folder, path) throws in
                try said.write(toFile: path, atomically: true, encoding: .utf8)
                let lease = InboxLease(folder)
                #expect(try Self.isTaken(lease))
                #expect(try !Self.isTaken(InboxLease(folder)))
            }
        }
    }

    @Test func `files are taken also where the file of the lock cannot be made`() throws {
        try Self.withFolder { (folder, path) throws in
            // It cannot be written, as on a disk that is full or not to be written.
            #expect(mkdir(path, 0o700) == 0)
            let lease = InboxLease(folder)
            for _ in 0..<2 { #expect(try Self.isTaken(lease)) }
            // Of two desks on one machine one has it all the same.
            #expect(try !Self.isTaken(InboxLease(folder)))
        }
    }

    @Test func `a desk that ends leaves nothing`() throws {
        try Self.withFolder { (folder, path) throws in
            do {
                let lease = InboxLease(folder)
                try lease.take()
                #expect(FileManager.default.fileExists(atPath: path))
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try Self.isTaken(InboxLease(folder)))
        }
    }

    @Test func `a file or a folder that somebody removes is taken anew`() throws {
        try Self.withFolder { (folder, path) throws in
            let (lease, other) = (InboxLease(folder), InboxLease(folder))
            try lease.take()
            unlink(path)
            #expect(try !Self.isTaken(other))
            try lease.take()
            #expect(FileManager.default.fileExists(atPath: path))
            // As when a share is mounted there.
            try FileManager.default.moveItem(atPath: folder, toPath: folder + "-before")
            defer { try? FileManager.default.removeItem(atPath: folder + "-before") }
            #expect {
                try lease.take()
            } throws: { error in
                guard case .exchange? = error as? DeskFault else { return false }
                return true
            }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false)
            #expect(try Self.isTaken(lease))
            #expect(try !Self.isTaken(other))
        }
    }
}
