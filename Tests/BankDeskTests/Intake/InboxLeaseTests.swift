import Foundation
import Ledger
import Synchronization
import Testing

@testable import BankDesk

/// One desk at a time takes the files of an inbox.
@Suite struct InboxLeaseTests {
    /// Seconds that pass as a test says.
    private final class Seconds: Sendable {
        private let now = Mutex<UInt64>(1000)
        var clock: @Sendable () -> UInt64 { { self.now.withLock { $0 } } }
        func pass(_ seconds: UInt64) { now.withLock { $0 += seconds } }
    }

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

    @Test func `where locks do not reach, a desk is waited for as long as it counts`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let seconds = Seconds()
        // What another machine wrote, whose lock nobody sees here.
        func count(_ number: UInt64) throws {
            let text = InboxLease.Text(
                run: "0102", boot: "elsewhere", place: "there", host: "bank-2", count: number)
            try Data(text.bytes).write(to: URL(fileURLWithPath: folder + "/" + InboxLease.name))
        }
        try count(1)
        let lease = InboxLease(folder, desk: "/desk", boot: "here", clock: seconds.clock)
        #expect(throws: DeskFault.inboxInUse(path: folder, by: "bank-2")) { try lease.take() }
        seconds.pass(InboxLease.patience - 1)
        #expect(try !Self.isTaken(lease))
        try count(2)
        #expect(try !Self.isTaken(lease))
        seconds.pass(InboxLease.patience - 1)
        #expect(try !Self.isTaken(lease))
        seconds.pass(1)
        #expect(try Self.isTaken(lease))
        // Should the other one have been there all the same, each sees that before the next file.
        try count(3)
        #expect(try !Self.isTaken(lease))
    }

    @Test func `a desk that has the inbox counts in it`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let seconds = Seconds()
        let path = folder + "/" + InboxLease.name
        func said() throws -> UInt64? {
            InboxLease.Text(Array(try Data(contentsOf: URL(fileURLWithPath: path))))?.count
        }
        do {
            let lease = InboxLease(folder, desk: "/desk", clock: seconds.clock)
            for (passed, count) in [(0, 1), (9, 1), (1, 2), (10, 3)] as [(UInt64, UInt64)] {
                seconds.pass(passed)
                try lease.take()
                #expect(try said() == count)
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path), "one that ends leaves nothing")
    }

    @Test func `a desk that was killed, or its machine, is no reason to wait`() throws {
        for (boot, machine, isFree) in [
            ("same", "other", true), ("other", "same", true), ("other", "other", false),
        ] {
            let folder = try Self.folder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let desk = folder
            do {
                let killed = InboxLease(folder, desk: desk, boot: "same", machine: "same")
                try killed.take()
                let said = try Data(
                    contentsOf: URL(fileURLWithPath: folder + "/" + InboxLease.name))
                try said.write(to: URL(fileURLWithPath: folder + "/kept"))
            }
            // As a kill leaves it.
            try FileManager.default.moveItem(
                atPath: folder + "/kept", toPath: folder + "/" + InboxLease.name)
            let next = InboxLease(folder, desk: desk, boot: boot, machine: machine)
            #expect(try Self.isTaken(next) == isFree, "\(boot) \(machine)")
        }
    }

    @Test func `a file that somebody removes is made again`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let lease = InboxLease(folder, desk: "/desk")
        try lease.take()
        try FileManager.default.removeItem(atPath: folder + "/" + InboxLease.name)
        try lease.take()
        let other = InboxLease(folder, desk: "/other")
        #expect(try !Self.isTaken(other))
        try FileManager.default.removeItem(atPath: folder + "/" + InboxLease.name)
        #expect(try Self.isTaken(other) && !Self.isTaken(lease))
    }
}
