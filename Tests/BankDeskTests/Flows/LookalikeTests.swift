import Foundation
import Ledger
import Testing

@testable import BankDesk

/// Money that looks like other money: what is the same, and what only seems to be.
@Suite("Lookalikes")
struct LookalikeTests {
    private static let one = Message.Entry.credit("10.00", "R1")

    @Test("a reference that stands twice in one message goes to a person the second time")
    func twiceInOne() async throws {
        let (bench, _) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [Self.one, Self.one]))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.referenceReused.rawValue])
    }

    @Test("a reference that comes again for another day's booking goes to a person")
    func otherDay() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop("a.xml", Message.notification("N1", [Self.one]))
        var other = Self.one
        other.day = "2025-11-20"
        try await bench.tell(Message.notification("N2", [other]))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.referenceReused.rawValue])
    }

    @Test("a reference that comes again for another day's booking in one message goes to a person")
    func otherDayInOne() async throws {
        let (bench, _) = try Bench.withMill()
        var other = Self.one
        other.day = "2025-11-20"
        try await bench.tell(Message.notification("N1", [Self.one], followedBy: [other]))
        #expect(bench.ledger.contents.supply == 1000)
        #expect(try bench.reasons() == [EntryDoubt.referenceReused.rawValue])
    }

    @Test("a collective booking's reference that comes again for another day's is none of that day")
    func otherDayOfGroup() async throws {
        var whole = Message.Entry.credit("30.00", "G1")
        var parts = whole
        parts.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        var one = whole
        one.parts = [("30.00", "P1", Bench.virtual)]
        whole.day = "2025-11-20"
        for told in [parts, one] {
            // The parts first, the day before's whole afterwards; and the other way round.
            for order in [[told, whole], [whole, told]] {
                let (bench, _) = try Bench.withMill()
                for (number, entry) in order.enumerated() {
                    try await bench.tell(Message.notification("N\(number)", [entry]))
                }
                #expect(bench.ledger.contents.supply == 3000)
                #expect(try Set(bench.reasons()) == [EntryDoubt.groupKnown.rawValue])
            }
        }
    }

    @Test("parts of a booking that was dealt with as a whole are known")
    func partsOfWhole() async throws {
        var parts = Message.Entry.credit("30.00", "G1")
        let whole = parts
        parts.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        let (bench, _) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [whole]))
        try await bench.tell(Message.notification("N2", [parts]))
        #expect(bench.ledger.contents.supply == 3000)
        #expect(try bench.reasons().isEmpty)
        // Another sum is another booking.
        parts.amount = "40.00"
        parts.parts = [("10.00", "P3", Bench.virtual), ("30.00", "P4", Bench.virtual)]
        try await bench.tell(Message.notification("N3", [parts]))
        #expect(try Set(bench.reasons()) == [EntryDoubt.groupKnown.rawValue])

        // What a person refused may have been refused to wait for its parts.
        let (other, _) = try Bench.withMill()
        parts.amount = "30.00"
        parts.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        try await other.tell(
            Message.notification("N1", [Message.Entry(amount: "30.00", reference: "G1")]))
        let unknown = try #require(try other.journal.cases().first)
        try other.journal.refuse(unknown.id, "the parts will come", at: other.now)
        try await other.tell(Message.notification("N2", [parts]))
        #expect(try Set(other.reasons()) == [EntryDoubt.groupKnown.rawValue])
    }

    @Test("what a person has to decide does not vanish behind another day's payments")
    func asideOfAnotherDay() async throws {
        let (bench, _) = try Bench.withMill()
        var parts = Message.Entry.credit("30.00", "G1")
        parts.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        let whole = Message.Entry(amount: "50.00", reference: "G1", day: "2025-11-20")
        try await bench.tell(Message.notification("N1", [whole]))
        #expect(try bench.reasons() == [EntryDoubt.unknownPayer.rawValue])
        try await bench.tell(Message.notification("N2", [parts]))
        #expect(try bench.reasons().contains(EntryDoubt.unknownPayer.rawValue))
    }

    @Test("a booking's reference, repeated in its parts, tells none of them apart")
    func repeatedInParts() async throws {
        let (bench, _) = try Bench.withMill()
        var whole = Message.Entry(amount: "30.00", reference: "G1")
        whole.parts = (0..<3).map { _ in ("10.00", "G1", Bench.virtual) }
        try await bench.tell(Message.notification("N1", [whole]))
        #expect(bench.ledger.contents.supply == 0)
        #expect(
            try bench.reasons() == Array(repeating: EntryDoubt.noReference.rawValue, count: 3))
        // The statement has it as a whole.
        whole.parts = []
        try await bench.tell(Message.statement("S1", [whole], closing: "30.00"))
        #expect(try bench.journal.cases().count == 3)
    }

    @Test("what banks write where they have no reference is none")
    func placeholder() async throws {
        let (bench, _) = try Bench.withMill()
        var other = Self.one
        other.reference = "NONREF"
        try bench.drop("a.xml", Message.notification("N1", [other]))
        other.day = "2025-11-20"
        try await bench.tell(Message.notification("N2", [other]))
        #expect(bench.ledger.contents.supply == 0)
        #expect(
            try bench.reasons() == Array(repeating: EntryDoubt.noReference.rawValue, count: 2))
    }

    @Test("two kinds of messages may tell no day, or days beside each other, of one payment")
    func twinDays() async throws {
        for (first, second) in [
            ("", "2025-11-24"), ("2025-11-24", ""), ("2025-11-23", "2025-11-24"),
            ("2025-11-24", "2025-11-23"),
        ] {
            let (bench, _) = try Bench.withMill()
            var told = Self.one
            told.day = first
            try await bench.tell(Message.notification("N1", [told]))
            told.day = second
            told.reference = "X9"
            try await bench.tell(Message.statement("S1", [told], closing: "10.00"))
            #expect(bench.ledger.contents.supply == 1000)
            #expect(try bench.reasons() == [EntryDoubt.twin.rawValue])
        }
        let (bench, _) = try Bench.withMill()
        var told = Self.one
        told.day = "2025-11-22"
        try bench.drop("a.xml", Message.notification("N1", [told]))
        told.day = "2025-11-24"
        told.reference = "X9"
        try await bench.tell(Message.statement("S1", [told], closing: "20.00"))
        #expect(bench.ledger.contents.supply == 2000)
    }

    @Test("a booking of a day to come is issued when it is booked, refused before or not")
    func future() async throws {
        for isRefused in [false, true] {
            let (bench, _) = try Bench.withMill()
            var early = Self.one
            early.day = "2025-12-24"
            try await bench.tell(Message.notification("N1", [early]))
            #expect(bench.ledger.contents.supply == 0)
            let found = try #require(try bench.journal.cases().first)
            #expect(found.reason == EntryDoubt.future.rawValue)
            if isRefused { try bench.journal.refuse(found.id, "too early", at: bench.now) }
            for (name, text) in [
                ("b.xml", Message.notification("N2", [Self.one])),
                ("c.xml", Message.statement("S1", [Self.one], closing: "10.00")),
            ] {
                try bench.drop(name, text)
                try await bench.work()
                #expect(bench.ledger.contents.supply == 1000)
                #expect(try bench.journal.cases().isEmpty)
            }
        }
    }

    @Test("a whole and its parts that arrive together are the parts")
    func wholeAndParts() async throws {
        let (bench, _) = try Bench.withMill()
        var whole = Message.Entry(amount: "30.00", reference: "G1")
        try bench.drop("a.xml", Message.notification("N1", [whole]))
        whole.parts = [("10.00", "P1", Bench.virtual), ("20.00", "P2", Bench.virtual)]
        try await bench.tell(Message.statement("S1", [whole], closing: "30.00"))
        #expect(bench.ledger.contents.supply == 3000)
        #expect(try bench.journal.cases().isEmpty)
    }

    /// A booking of 50.00 of which the bank tells one payment only.
    private static func oneOf50(_ paid: String) -> String {
        var whole = Message.Entry(amount: "50.00", reference: "G1")
        whole.parts = [(paid, "P1", Bench.virtual)]
        return Message.notification("N1", [whole])
    }

    @Test("a collective booking of which one payment is told is not that payer's customer's")
    func oneOfSeveral() async throws {
        let several = "<NtryDtls><Btch><NbOfTxs>5</NbOfTxs></Btch>"
        for text in [
            Self.oneOf50("10.00"), Self.oneOf50("50.00").replacing("<NtryDtls>", with: several),
        ] {
            let (bench, _) = try Bench.withMill()
            try await bench.tell(text)
            #expect(bench.ledger.contents.supply == 0)
            #expect(try bench.reasons() == [EntryDoubt.badSum.rawValue])
            // In the evening the bank tells all of it.
            var whole = Message.Entry(amount: "50.00", reference: "G1")
            whole.parts = [("10.00", "P1", Bench.virtual), ("40.00", "P2", Bench.virtual)]
            try await bench.tell(Message.statement("S1", [whole], closing: "50.00"))
            #expect(bench.ledger.contents.supply == 5000)
            #expect(try bench.reasons().isEmpty)
        }
    }

    @Test("of one payment the bank may have kept charges")
    func charges() async throws {
        let (bench, _) = try Bench.withMill()
        try await bench.tell(Self.oneOf50("51.50"))
        #expect(bench.ledger.contents.supply == 5000)
        #expect(try bench.reasons().isEmpty)
    }
}
