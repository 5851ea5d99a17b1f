import Execution
import Foundation
import Ledger
import TestSupport
import Testing
import Tokens

@testable import Auditing
@testable import Storage

struct BooksTests {
    private let temporary = TemporaryFolder()
    private var data: String { temporary.file("data") }

    /// What an audit writes down.
    private final class Written {
        var entries: [JournalEntry] = []
        var changes: [RoleChange] = []

        /// What every account has by the rows up to a block, by token.
        func balances(upTo height: UInt64 = .max) -> [Address: [Address: Int128]] {
            var balances: [Address: [Address: Int128]] = [:]
            for entry in entries where entry.height <= height {
                let amount = Int128(entry.payment.amount)
                balances[entry.token.address, default: [:]][entry.debit, default: 0] -= amount
                balances[entry.token.address, default: [:]][entry.credit, default: 0] += amount
            }
            return balances.mapValues { $0.filter { $0.value != 0 } }
        }
    }

    private func audit(
        isFromCheckpoint: Bool = false
    ) throws -> (report: AuditReport, written: Written) {
        var options = LedgerAudit.Options(scratch: temporary.file("scratch"))
        options.isFromCheckpoint = isFromCheckpoint
        defer { try? FileManager.default.removeItem(atPath: options.scratch) }
        let written = Written()
        var books = AuditBooks()
        books.journal = { written.entries.append($0) }
        books.roles = { written.changes.append($0) }
        let report = try LedgerAudit.run(
            try FolderLedger(path: data, identity: TestLedger.identity),
            genesis: TestLedger.genesis, options, books: books)
        return (report, written)
    }

    /// The balances that a stored state has, by token.
    private func stored() throws -> [Address: [Address: Int128]] {
        let folder = try DataFolder(path: data)
        let store = try StateStore(path: folder.statePath, identity: TestLedger.identity)
        var balances: [Address: [Address: Int128]] = [:]
        try store.snapshot().scanCells { key, cell in
            guard key.space < 1 << 31, cell.amount > 0 else { return true }
            let token = TokenID(rawValue: key.space).address
            balances[token, default: [:]][key.address] = Int128(cell.amount)
            return true
        }
        return balances
    }

    // MARK: The journal

    @Test(arguments: [false, true])
    func `the rows of a journal come to what every account has`(isFromCheckpoint: Bool) throws {
        try TestLedger.make(in: data)
        let (report, written) = try audit(isFromCheckpoint: isFromCheckpoint)
        #expect(report.finding == nil)
        let kinds = Set(written.entries.map(\.payment.kind))
        #expect(kinds.isSuperset(of: [isFromCheckpoint ? .opening : .genesis, .fee, .transfer]))
        #expect(written.entries.contains { $0.token.symbol == "EUR" })
        var balances = written.balances(upTo: 31)
        for token in balances.keys {
            // What was made, the zero address owes.
            let supply = balances[token]?.removeValue(forKey: .zero) ?? 0
            #expect(supply == -(balances[token] ?? [:]).values.reduce(0, +))
        }
        #expect(try balances == stored())
    }

    @Test func `orders say where their money came from and went`() throws {
        try TestLedger.make(in: data)
        let entries = try audit().written.entries
        let order = entries.filter { $0.payment.order == 2 }
        // Nobody attests, so that the gated line fails and what it would have cost goes back.
        #expect(order.map(\.payment.kind) == [.funding, .payout, .refund])
        #expect(order.map(\.payment.amount) == [300, 200, 100])
        #expect(order.first?.credit == .orders)
        #expect(order.dropFirst().allSatisfy { $0.debit == .orders && $0.transaction == nil })
        #expect(order.map(\.token.symbol) == ["EUR", "EUR", "EUR"])
    }

    @Test func `every row has a name of its own, in the order of the ledger`() throws {
        try TestLedger.make(in: data)
        let places = try audit().written.entries.map { ($0.height, $0.number) }
        for (left, right) in zip(places, places.dropFirst()) { #expect(left < right) }
        let signed = try audit().written.entries.filter { $0.payment.kind == .fee }
        #expect(signed.allSatisfy { $0.transaction != nil })
    }

    @Test func `one missing row, or one that names another account, is noticed in the sum`() {
        let accounts = (1...4).map { Address(high: $0, middle: 0, low: 0) }
        var whole = BalanceSum()
        for (index, account) in accounts.enumerated() {
            whole.add(UInt128(index + 1), to: account, in: .dip)
        }
        var moved = BalanceSum()
        moved.add(10, to: accounts[3], in: .dip)
        for (index, account) in accounts.enumerated().dropLast() {
            moved.take(UInt128(index + 1), from: accounts[3], in: .dip)
            #expect(moved != whole)
            moved.add(UInt128(index + 1), to: account, in: .dip)
        }
        #expect(moved == whole)
        moved.take(1, from: accounts[0], in: .dip)
        moved.add(1, to: accounts[1], in: .dip)
        #expect(moved != whole)
        var other = BalanceSum()
        other.add(1, to: accounts[0], in: TokenID(rawValue: 1))
        var dip = BalanceSum()
        dip.add(1, to: accounts[0], in: .dip)
        #expect(other != dip)
    }

    @Test func `a deposit taken at par is in the books of both banks`() throws {
        try TestLedger.make(in: data, acts: TestLedger.BankActs.all)
        let (report, written) = try audit()
        #expect(report.finding == nil)
        let entries = written.entries.filter {
            $0.height == 17 && ![.fee, .transfer].contains($0.payment.kind)
        }
        let (east, west) = (TestLedger.BankActs.east.address, TestLedger.BankActs.west.address)
        let supplier = TestLedger.keys[TestLedger.BankActs.supplier].address
        let bank = TestLedger.keys[1].address
        // The payout goes to the supplier's bank, which issues as much of its own to the supplier.
        #expect(entries.map(\.payment.kind) == [.funding, .payout, .conversion, .conversion])
        #expect(entries.map(\.token.address) == [east, east, east, west])
        #expect(entries.map(\.payment.amount) == [300, 300, 300, 300])
        #expect(entries.last?.debit == .zero && entries.last?.credit == supplier)
        // Before the bank's next operator takes over what it has in hand.
        let balances = written.balances(upTo: 26)
        #expect(balances[east]?[bank] == 300 && balances[east]?[supplier] == nil)
        #expect(balances[west]?[supplier] == 300 && balances[west]?[.zero] == -300)
    }

    // MARK: Roles and parameters

    @Test func `roles say who decided what, and from which block it held`() throws {
        try TestLedger.make(in: data)
        let changes = try audit().written.changes
        let start = changes.filter { $0.height == 0 }
        #expect(start.filter { $0.what == "bank" }.map(\.of) == ["Bank 0", "Bank 1", "Bank 2"])
        #expect(start.allSatisfy { $0.before == nil && $0.proposal == nil && $0.by.isEmpty })
        #expect(
            start.contains { $0.what == "parameter" && $0.of == "reviewFee" && $0.after == "100" })
        let keys = changes.filter { $0.what == "node key" && $0.height > 0 }
        #expect(keys.map(\.height) == [8, 22])
        #expect(keys.map(\.of) == ["Bank 2", "Bank 1"])
        #expect(keys.map(\.proposal) == [1, 2])
        #expect(keys.map(\.before) == [2, 1].map { TestLedger.keys[$0].address.checksummed })
        #expect(keys.map(\.after) == TestLedger.laterKeys.map(\.address.checksummed))
        #expect(keys[0].by == [TestLedger.keys[0].address, TestLedger.keys[1].address])
        // A token without controls still has somebody who gives roles.
        let token = changes.filter { $0.of == TokenID(rawValue: 1).address.checksummed }
        #expect(token.map(\.what) == ["DEFAULT_ADMIN_ROLE"])
        #expect(token.first?.by == [TestLedger.keys[4].address])
        #expect(changes.count == start.count + 3)
    }

    @Test func `from a checkpoint, what holds there is what there is at the start`() throws {
        try TestLedger.make(in: data)
        let changes = try audit(isFromCheckpoint: true).written.changes
        #expect(changes.first?.height == 20)
        let key = changes.filter { $0.what == "node key" && $0.of == "Bank 2" }
        #expect(key.map(\.after) == [TestLedger.laterKeys[0].address.checksummed])
    }

    @Test(arguments: [false, true])
    func `a limit says what it was, wherever the books begin`(isFromCheckpoint: Bool) throws {
        try TestLedger.make(in: data, acts: TestLedger.BankActs.all)
        let changes = try audit(isFromCheckpoint: isFromCheckpoint).written.changes
        let later = changes.filter { $0.height == 24 }
        #expect(later.map(\.what) == ["issue limit", "BIC", "accepted at par"])
        let east = TestLedger.BankActs.east.address.checksummed
        #expect(later.map(\.before) == ["1000", "EASTDEFF", "400 of \(east)"])
        #expect(later.map(\.after) == ["2000", "OSTBDEFF", "200 of \(east)"])
        let known = changes.filter { $0.height < 24 && $0.what == "deposit token" }
        #expect(known.map(\.height) == (isFromCheckpoint ? [20, 20] : [14, 14]))
    }

    @Test func `a key that a bank changed itself is not laid to a decision of the same block`()
        throws
    {
        try TestLedger.make(in: data, acts: TestLedger.BankActs.all)
        // The roles in the bank's token go with it.
        let changes = try audit().written.changes.filter {
            $0.height == 27 && !$0.what.hasSuffix("_ROLE")
        }
        #expect(changes.map(\.what) == ["node key", "operator"])
        #expect(changes.map(\.of) == ["Bank 1", "Bank 1"])
        #expect(changes.map(\.proposal) == [3, nil])
        #expect(
            changes.map(\.after) == [
                TestLedger.keys[3].address.checksummed,
                TestLedger.BankActs.nextOperator.checksummed,
            ])
        #expect(changes.last?.by == [TestLedger.keys[1].address])
        #expect(changes.last?.before == TestLedger.keys[1].address.checksummed)
    }
}
