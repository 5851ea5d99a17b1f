import Foundation
import GRDB
import Ledger
import Testing

@testable import BankDesk

/// What the bank says of people and of other accounts.
@Suite("Discretion")
struct DiscretionTests {
    @Test("each of several payments that came back is a case, with its references sealed")
    func returns() async throws {
        let bench = try Bench()
        try bench.drop("a.xml", Message.returned("P4", ["INVOICE-ANNA", "INVOICE-BEN"]))
        try await bench.work()
        let cases = try bench.journal.cases()
        #expect(cases.map(\.reason) == ["AC04", "AC04"])
        #expect(cases[0].details?.contains("INVOICE-ANNA") == true)
        #expect(cases[1].details?.contains("INVOICE-BEN") == true)
        #expect(try !isInTheClear("ANNA", bench))
    }

    @Test("the bank's own word for a reason does not reach the ledger")
    func ownWords() async throws {
        let bench = try Bench()
        let report = Message.status("P1", of: "DIP", [("1", "RJCT", "XX")])
            .replacingOccurrences(of: "<Cd>XX</Cd>", with: "<Prtry>Anna is dead</Prtry>")
        try bench.drop("a.xml", report)
        try await bench.work()
        let codes = try bench.journal.read { db in
            try String.fetchAll(db, sql: "SELECT reasonCode FROM status")
        }
        #expect(codes == ["NARR"])
    }

    @Test("the number of somebody else's account is not in the clear, and a person sees it")
    func foreignAccount() async throws {
        let bench = try Bench()
        let foreign = "DE89370400440532013000"
        try bench.drop(
            "a.xml",
            Message.notification("N1", [.init(amount: "1.00", reference: "R1")], account: foreign))
        try await bench.work()
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == EntryDoubt.otherAccount.rawValue)
        let facts = try bench.journal.facts(ofEntry: #require(found.entry))
        #expect(facts.contains { $0.name == "account" && $0.value == foreign })
        #expect(try !isInTheClear(foreign, bench))
    }

    /// Whether a text is in the journal's file or its log.
    private func isInTheClear(_ text: String, _ bench: Bench) throws -> Bool {
        for end in ["", "-wal"] {
            let bytes = try Data(contentsOf: URL(filePath: bench.folder.journal + end))
            if bytes.range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }
}
