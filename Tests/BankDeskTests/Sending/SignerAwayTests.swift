import Ledger
import Testing

@testable import BankDesk

/// What a desk does while the signer of the operator's key does not answer.
@Suite("A signer that is away")
struct SignerAwayTests {
    /// Works a few rounds, in which nothing may fail but the signer; how often it did.
    private func rounds(_ bench: Bench) async throws -> Int {
        var count = 0
        for _ in 0..<4 {
            do { try await bench.round() } catch DeskFault.signer { count += 1 }
        }
        return count
    }

    @Test("holds up what it is to sign, and not the payment of what is certified")
    func paying() async throws {
        let (bench, mill) = try Bench.withMill()
        let keys = bench.keys
        try await bench.tell(Message.notification("N1", [.credit("100.00", "R1")]))
        bench.ledger.certify(false)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        bench.keys = try Bench.keysOfSignerAway()
        try bench.restart()
        try bench.drop("b.xml", Message.notification("N2", [.credit("1.00", "R2")]))
        bench.ledger.certify(true)
        #expect(try await rounds(bench) > 1)
        #expect(try bench.files(bench.folder.outbox).count == 1)
        #expect(bench.ledger.contents.done.filter { $0.hasPrefix("issue") }.count == 1)
        bench.keys = keys
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.done.filter { $0.hasPrefix("issue") }.count == 2)
    }

    @Test("holds up what it is to sign again, and not what becomes of the rest")
    func outbidding() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("100.00", "R1")]))
        bench.ledger.certify(false)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        bench.ledger.hold(true)
        try bench.drop("b.xml", Message.notification("N2", [.credit("1.00", "R2")]))
        try await bench.work()
        bench.keys = try Bench.keysOfSignerAway()
        try bench.restart()
        bench.ledger.set { $0.gasPrice = 10 }
        bench.ledger.dropPool()
        bench.ledger.certify(true)
        #expect(try await rounds(bench) > 1)
        #expect(try bench.files(bench.folder.outbox).count == 1)
    }

    @Test("holds up no call of a key that the desk keeps")
    func otherKeys() async throws {
        let (bench, _) = try Bench.withMill()
        let buyer = try bench.customer("Buyer", account: "42", isKept: true, fundsOrders: true)
        bench.points = FaultPoints { reached throws(DeskFault) in
            if reached == .fundingChosen { throw .stopped(reached) }
        }
        bench.start()
        try bench.payFor(42, of: buyer.address)
        await #expect(throws: DeskFault.stopped(.fundingChosen)) { try await bench.work() }
        bench.points = .none
        bench.keys = try Bench.keysOfSignerAway()
        try bench.restart()
        try bench.drop("b.xml", Message.notification("N2", [.credit("1.00", "R2")]))
        _ = try await rounds(bench)
        #expect(try bench.fundings() == ["funded"])
        #expect(bench.ledger.contents.done.filter { $0.hasPrefix("issue") }.count == 1)
    }
}
