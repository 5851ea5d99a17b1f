import Ledger
import Testing

@testable import BankDesk

/// Money for an order that does not take it: it is the customer's on the ledger, and a person hears of it.
@Suite struct UnpaidOrderTests {
    private func bench() throws -> (Bench, Customer) {
        let bench = try Bench()
        return (bench, try bench.customer("Buyer", account: "1", isKept: true, fundsOrders: true))
    }

    private func tell(
        _ bench: Bench, _ reference: String, _ amount: String, order: UInt64, of customer: Customer
    ) async throws {
        try await bench.tell(
            Message.notification(
                "N\(reference)",
                [
                    .init(
                        amount: amount, reference: reference,
                        remittance: "ORDER \(order) \(customer.reference.text)")
                ]))
    }

    private func put(
        _ bench: Bench, _ order: UInt64, outstanding: UInt128, buyer: Address, token: Address? = nil
    ) {
        let token = token ?? bench.settings.token
        bench.ledger.set {
            $0.orders[order] = OrderFacts(buyer: buyer, token: token, outstanding: outstanding)
        }
    }

    @Test func `money for an order that takes none becomes a case that says why`() async throws {
        let (bench, buyer) = try bench()
        put(bench, 41, outstanding: 0, buyer: buyer.address)
        put(bench, 42, outstanding: 900, buyer: Address(high: 9, middle: 9, low: 9))
        put(bench, 43, outstanding: 900, buyer: buyer.address, token: .dip)
        for (order, why) in [
            (41, "takes no money"), (42, "another buyer"), (43, "another token"),
            (44, "is not there"),
        ] as [(UInt64, String)] {
            // The payer says nothing, and a person whose it is and for what.
            try await bench.tell(
                Message.notification("N\(order)", [.init(amount: "6.00", reference: "R\(order)")]))
            let unknown = try #require(
                try bench.journal.cases().first { $0.reason == EntryDoubt.unknownPayer.rawValue })
            try bench.journal.release(
                unknown.id, Decision(customer: buyer.id, order: order), bench.settings,
                at: bench.now)
            try await bench.work()
            let one = try #require(try bench.journal.cases().last)
            #expect(one.reason == "order-unpaid")
            #expect(one.text.contains(why))
            #expect(one.entry != nil)
        }
        #expect(bench.ledger.contents.balances == [buyer.address: 2400])
        // It is told once, and stands while nobody decides.
        try bench.restart()
        try await bench.work()
        #expect(try bench.journal.cases().count == 4)
    }

    @Test func `an order that takes a part gets it, and the rest becomes a case`() async throws {
        let (bench, buyer) = try bench()
        put(bench, 42, outstanding: 400, buyer: buyer.address)
        try await tell(bench, "R1", "6.50", order: 42, of: buyer)
        #expect(try bench.fundings() == ["funded"])
        #expect(bench.ledger.contents.balances == [buyer.address: 250])
        let one = try #require(try bench.journal.cases().first)
        #expect(one.reason == "order-unpaid")
        #expect(one.text.contains("2.50 EUR"))
        // Its part is paid: another try would pay it again.
        #expect(throws: DeskFault.self) {
            try bench.journal.release(
                one.id, Decision(order: 42), bench.settings, at: bench.now)
        }
        try bench.journal.refuse(one.id, "left to the customer", at: bench.now)
        try await bench.work()
        #expect(try bench.reasons().isEmpty)
        #expect(bench.ledger.contents.balances == [buyer.address: 250])
        #expect(try bench.counts("entry") == ["issued": 1])
    }

    @Test func `what the ledger refuses of an order's payment becomes a case`() async throws {
        let (bench, buyer) = try bench()
        put(bench, 42, outstanding: 5000, buyer: buyer.address)
        let ledger = bench.ledger
        // The order is paid by somebody else between the look and the call.
        bench.points = FaultPoints { reached throws(DeskFault) in
            if reached == .fundSigned { ledger.set { $0.orders[42]?.outstanding = 1 } }
        }
        bench.start()
        try await tell(bench, "R1", "6.00", order: 42, of: buyer)
        #expect(try bench.fundings() == ["refused"])
        let one = try #require(try bench.journal.cases().first)
        #expect(one.reason == "order-unpaid")
        #expect(one.text.contains("NotPayable"))
        #expect(try bench.journal.cases().count == 1)
    }

    @Test func `released, it is paid once to the order that a person names`() async throws {
        let (bench, buyer) = try bench()
        put(bench, 41, outstanding: 0, buyer: buyer.address)
        put(bench, 42, outstanding: 5000, buyer: buyer.address)
        try await tell(bench, "R1", "6.00", order: 41, of: buyer)
        let one = try #require(try bench.journal.cases().first)
        let other = try bench.customer("Other", account: "2", isKept: true, fundsOrders: true)
        #expect(throws: DeskFault.self) {
            try bench.journal.release(
                one.id, Decision(customer: other.id, order: 42), bench.settings, at: bench.now)
        }
        try bench.journal.release(one.id, Decision(order: 42), bench.settings, at: bench.now)
        #expect(throws: DeskFault.self) {
            try bench.journal.release(one.id, Decision(order: 42), bench.settings, at: bench.now)
        }
        try await bench.work()
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.orders[42]?.outstanding == 4400)
        #expect(bench.ledger.contents.done.filter { $0.hasPrefix("fund") } == ["fund 42 600"])
        #expect(bench.ledger.contents.supply == 600)
        #expect(try bench.reasons().isEmpty)
    }
}
