import GRDB
import Ledger
import Testing

@testable import BankDesk

/// What a round costs does not grow with what was done before.
@Suite("Plans of queries")
struct QueryPlanTests {
    /// Scans that end: of what is small for ever, of what only unfinished things are in, or after one row.
    private static let short = [
        "SCAN customer", "SCAN formerOperator", "SCAN CONSTANT ROW", "USING INDEX signedCallOpen",
        "SCAN netPair USING COVERING INDEX",
    ]

    /// How SQLite would run a statement.
    private func plan(_ sql: String, _ journal: Journal) throws -> [String] {
        try journal.read { db in
            let plan = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
            // A plan is made without looking at what the statement is given.
            plan.setUncheckedArguments([])
            return try Row.fetchAll(plan).map { $0["detail"] as String }
        }
    }

    /// As far as it reads all of something.
    private func scans(_ sql: String, _ journal: Journal) throws -> [String] {
        try plan(sql, journal).filter { detail in
            detail.contains("SCAN") && !Self.short.contains { detail.contains($0) }
        }
    }

    private func isPlanned(_ sql: String) -> Bool {
        ["SELECT", "UPDATE", "INSERT", "DELETE"].contains { sql.hasPrefix($0) }
    }

    @Test("no statement of a round reads a table that grows with what was done")
    func rounds() async throws {
        let log = StatementLog()
        let bench = try Bench(issuesPerTransaction: 2)
        log.follow(bench.journal)
        _ = try await Story.tell(on: bench)
        #expect(log.all.count > 50)
        for sql in log.all where isPlanned(sql) {
            let scans = try scans(sql, bench.journal)
            #expect(scans.isEmpty, "\(scans) \(sql)")
        }
    }

    @Test("a payment's twins are looked for by amount, kind and day, a case by what it is about")
    func twins() async throws {
        let log = StatementLog()
        let bench = try Bench()
        log.follow(bench.journal)
        try bench.drop(
            "a.xml", Message.notification("N1", [.init(amount: "1.00", reference: "R1")]))
        try await bench.work()
        let statement = try #require(log.all.first { $0.contains("AS other WHERE other.account") })
        let plans = try plan(statement, bench.journal).filter { $0.contains(" other ") }
        #expect(plans.count == 2)
        for plan in plans {
            #expect(plan.contains("entryTwins (account=? AND amount=? AND source=? AND bookedOn"))
        }
        let opening = try #require(log.all.first { $0.contains("INSERT INTO deskCase") })
        #expect(
            try plan(opening, bench.journal).contains {
                $0.contains("caseOpen (kind=? AND reason=? AND entry=? AND message=?")
            })
    }

    @Test("nor does netting")
    func netting() async throws {
        let log = StatementLog()
        let clearing = try Clearing(2)
        clearing.follow(log)
        clearing.give(0, 1, 500)
        clearing.give(1, 0, 300)
        try await clearing.close()
        let pair = try #require(try clearing.pairs(1).first)
        try clearing.answer(1, pair, "ACSC")
        try await clearing.work()
        for sql in log.all where isPlanned(sql) {
            let scans = try scans(sql, clearing.banks[0].journal())
            #expect(scans.isEmpty, "\(scans) \(sql)")
        }
    }
}
