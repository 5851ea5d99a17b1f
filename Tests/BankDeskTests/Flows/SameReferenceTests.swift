import Ledger
import Testing

@testable import BankDesk

/// Payments that a bank gives one reference, or none, in whatever words.
@Suite struct SameReferenceTests {
    @Test(arguments: ["NONREF", "Not Provided", "N/A", "none", "-", " ", "unknown", "XXXX", "0000"])
    func `what stands for no reference tells no payments apart`(reference: String) async throws {
        let (bench, _) = try Bench.withMill()
        for id in ["N1", "N2"] {
            try await bench.tell(Message.notification(id, [.credit("5.00", reference)]))
        }
        #expect(try bench.reasons() == ["no-reference", "no-reference"])
    }

    @Test(arguments: ["X1", "NONREF7", "00X", "NA4711"])
    func `a reference that only looks like one is one`(reference: String) async throws {
        let (bench, _) = try Bench.withMill()
        for id in ["N1", "N2"] {
            try await bench.tell(Message.notification(id, [.credit("5.00", reference)]))
        }
        #expect(try bench.counts("entry") == ["issued": 1])
    }

    @Test func `payments of two names under one reference are two`() async throws {
        let (bench, _) = try Bench.withMill()
        func tell(_ id: String, _ name: String) async throws {
            var entry = Message.Entry.credit("5.00", "R1")
            entry.endToEnd = name
            try await bench.tell(Message.notification(id, [entry]))
        }
        try await tell("N1", "INVOICE-1")
        // The same again, and where one of the messages does not tell the name.
        try await tell("N2", "INVOICE-1")
        try await tell("N3", "NOTPROVIDED")
        #expect(try bench.reasons().isEmpty)
        try await tell("N4", "INVOICE-2")
        #expect(try bench.reasons() == ["reference-reused"])
        #expect(try bench.counts("entry") == ["issued": 1, "aside": 1])
    }
}
