import Foundation
import Ledger
import Testing

@testable import BankDesk

/// Money that goes out, and what becomes of it.
@Suite("Outgoing money")
struct PayoutTests {
    /// A desk with a customer that has 100.00.
    private func bench() async throws -> (Bench, Customer) {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("100.00", "R1")]))
        return (bench, mill)
    }

    /// The same, when the bank was asked to pay amounts of it.
    private func bench(
        asked amounts: UInt128...
    ) async throws -> (bench: Bench, mill: Customer, file: String) {
        let (bench, mill) = try await bench()
        for amount in amounts { bench.ledger.redeem(amount, by: mill.address, payout: mill.payout) }
        try await bench.work()
        return (bench, mill, try bench.paymentFile())
    }

    @Test("no payment order is written before the instruction is certified")
    func certified() async throws {
        let (bench, mill) = try await bench()
        bench.ledger.certify(false)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(bench.ledger.contents.redemptions[1]?.state == .instructed)
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        try bench.restart()
        try await bench.work()
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        bench.ledger.certify(true)
        try await bench.work()
        let files = try bench.files(bench.folder.outbox)
        #expect(files.count == 1)
        #expect(files.values.first?.contains("<EndToEndId>1</EndToEndId>") == true)
        #expect(files.values.first?.contains(#"<InstdAmt Ccy="EUR">10.00</InstdAmt>"#) == true)
    }

    @Test("a redemption that returns before it is instructed is not paid")
    func returned() async throws {
        let (bench, mill) = try await bench()
        bench.ledger.hold(true)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        bench.ledger.redeem(2000, by: mill.address, payout: mill.payout)
        try await bench.work()
        bench.ledger.returnRedemption(1)
        bench.ledger.hold(false)
        try await bench.work()
        #expect(try bench.standing() == ["returned", "sent"])
        let file = try #require(try bench.files(bench.folder.outbox).values.first)
        #expect(file.contains("<NbOfTxs>1</NbOfTxs>"))
        #expect(file.contains("<EndToEndId>2</EndToEndId>"))
    }

    @Test("a redemption to an account that is not its owner's goes back")
    func foreignPayout() async throws {
        let (bench, mill) = try await bench()
        let shop = try bench.customer("Shop", account: "5678")
        bench.ledger.redeem(1000, by: mill.address, payout: shop.payout)
        bench.ledger.redeem(1000, by: mill.address, payout: Hash32(word: 7))
        try await bench.work()
        #expect(bench.ledger.contents.redemptions.values.allSatisfy { $0.state == .rejected })
        #expect(bench.ledger.contents.balances[mill.address] == 10_000)
        #expect(try bench.files(bench.folder.outbox).isEmpty)
    }

    @Test("a debit settles, whether camt.054, camt.053 or pain.002 tells of it first")
    func settled() async throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let (bench, _, file) = try await bench(asked: 1000)
            let files = [
                Message.notification("N2", [.debit("10.00", "D1", of: "1")]),
                Message.statement("S1", [.debit("10.00", "D1", of: "1")], closing: "90.00"),
                Message.status("P1", of: file, [("1", "ACSC", nil)]),
            ]
            for index in order {
                try bench.drop("\(index).xml", files[index])
                try await bench.work()
                #expect(bench.ledger.contents.supply == 9000)
            }
            #expect(try bench.reasons().isEmpty)
            #expect(try bench.standing() == ["settled"])
            #expect(bench.ledger.contents.done.filter { $0.hasPrefix("settled") }.count == 1)
        }
    }

    @Test("debits without a reference that two kinds of messages tell are one")
    func withoutReference() async throws {
        let (bench, _, _) = try await bench(asked: 1000)
        try await bench.tell(Message.notification("N2", [.debit("10.00", nil, of: "1")]))
        try await bench.tell(
            Message.statement("S1", [.debit("10.00", nil, of: "1")], closing: "90.00"))
        #expect(try bench.reasons().isEmpty)
        #expect(try bench.standing() == ["settled"])
    }

    @Test("a refusal gives the tokens back with the bank's code, for a file or a payment")
    func refused() async throws {
        let (bench, mill, file) = try await bench(asked: 1000, 2000)
        try await bench.tell(
            Message.status(
                "P1", of: file, [("1", "RJCT", "AC04"), ("2", "ACSP", nil)]))
        #expect(try bench.standing() == ["rejected", "sent"])
        #expect(
            try bench.journal.redemptions(onlyOpen: false, atMost: 9).last?.reason == "AC04")
        #expect(bench.ledger.contents.balances[mill.address] == 8000)
    }

    @Test("what cannot be true goes to a person, and moves nothing")
    func contradictions() async throws {
        let (bench, _, file) = try await bench(asked: 1000, 2000)
        try await bench.tell(Message.notification("N2", [.debit("9.00", "D1", of: "1")]))
        #expect(try bench.reasons() == ["other-amount"])
        try bench.drop("c.xml", Message.notification("N3", [.debit("10.00", "D2", of: "1")]))
        try await bench.tell(Message.notification("N4", [.debit("10.00", "D3", of: "1")]))
        #expect(try bench.reasons() == ["other-amount", "paid-twice"])
        try bench.drop("e.xml", Message.status("P1", of: file, [("1", "RJCT", "AC04")]))
        try await bench.tell(Message.status("P2", of: file, [("2", "RJCT", "AC04")]))
        try bench.drop("g.xml", Message.notification("N5", [.debit("20.00", "D4", of: "2")]))
        try await bench.tell(Message.status("P3", of: "ELSEWHERE", [("1", "ACSC", nil)]))
        #expect(
            Set(try bench.reasons()) == [
                "other-amount", "paid-twice", "refused-after-payment", "paid-after-reject",
                "unknown-payment",
            ])
        #expect(try bench.standing() == ["settled", "rejected"])
        #expect(bench.ledger.contents.supply == 9000)
    }

    @Test("a confirmation that comes before the payment order is written waits for it")
    func early() async throws {
        let (bench, mill) = try await bench()
        bench.ledger.certify(false)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        try await bench.tell(Message.notification("N2", [.debit("10.00", "D1", of: "1")]))
        #expect(try bench.counts("entry") == ["issued": 1, "debit": 1])
        bench.ledger.certify(true)
        try await bench.work()
        #expect(try bench.standing() == ["settled"])
        #expect(try bench.reasons().isEmpty)
    }

    @Test("an instruction by somebody else with the operator's key is not paid from here")
    func instructedElsewhere() async throws {
        let (bench, mill) = try await bench()
        bench.ledger.hold(true)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        bench.ledger.set { $0.redemptions[1]?.state = .instructed }
        bench.ledger.hold(false)
        try await bench.work()
        #expect(try bench.standing() == ["foreign"])
        #expect(try bench.reasons() == ["not-instructed"])
        #expect(try bench.files(bench.folder.outbox).isEmpty)
    }

    @Test("a bank that says of a file that it has it already does not make tokens go back")
    func toldTwice() async throws {
        for code in ["AM05", "DU01", "DUPL"] {
            let (bench, _, file) = try await bench(asked: 1000, 2000)
            try bench.drop("b.xml", Message.status("P1", of: file, file: ("RJCT", code)))
            try await bench.tell(Message.status("P2", of: file, [("1", "RJCT", code)]))
            #expect(try bench.standing() == ["sent", "sent"])
            #expect(try bench.reasons() == ["told-twice", "told-twice"])
            try await bench.tell(Message.notification("N2", [.debit("10.00", "D1", of: "1")]))
            #expect(try bench.standing() == ["settled", "sent"])
        }
    }

    @Test("a file that the bank refuses as a whole for another reason goes back as a whole")
    func wholeRefused() async throws {
        let (bench, _, file) = try await bench(asked: 1000, 2000)
        try await bench.tell(Message.status("P1", of: file, file: ("RJCT", "AC04")))
        #expect(try bench.standing() == ["rejected", "rejected"])
    }

    @Test("two desks on copies of one folder that start in one second write one payment order")
    func twoCopies() async throws {
        let (bench, mill) = try await bench()
        let folder = DeskFolder(bench.folder.path + "-copy")
        defer { try? FileManager.default.removeItem(atPath: folder.path) }
        try FileManager.default.copyItem(atPath: bench.folder.path, toPath: folder.path)
        let copy = try bench.desk(in: folder)
        bench.ledger.hold(true)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        try await copy.work()
        bench.ledger.hold(false)
        try await copy.work()
        try await bench.work()
        let files = try [bench.folder, folder].map { try bench.files($0.outbox).count }
        #expect(files.reduce(0, +) == 1)
    }

    @Test("a file that waited for long is written when a person says that it was not sent")
    func held() async throws {
        for isSent in [false, true] {
            let (bench, mill) = try await bench()
            bench.ledger.certify(false)
            bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
            try await bench.work()
            bench.now += 7200
            bench.ledger.certify(true)
            try bench.restart()
            try await bench.work()
            #expect(try bench.files(bench.folder.outbox).isEmpty)
            let held = try #require(try bench.journal.cases().first)
            #expect(held.reason == "payment-held")
            if isSent {
                try bench.journal.refuse(held.id, "sent", at: bench.now)
            } else {
                try bench.journal.release(held.id, Decision(), bench.settings, at: bench.now)
            }
            try await bench.work()
            #expect(try bench.files(bench.folder.outbox).count == (isSent ? 0 : 1))
            #expect(try bench.standing() == ["sent"])
            #expect(try bench.reasons().isEmpty)
        }
    }

    @Test("a payment that no file can carry goes back, and the others are made")
    func unwritable() async throws {
        let (bench, mill) = try await bench()
        bench.settings.takesAllCharacters = true
        let works = try bench.customer("北京钢铁", account: "5678")
        bench.settings.takesAllCharacters = false
        bench.start()
        bench.ledger.set { $0.balances[works.address] = 500 }
        bench.ledger.redeem(500, by: works.address, payout: works.payout)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(try bench.standing() == ["rejected", "sent"])
        #expect(try bench.reasons().isEmpty)
        let file = try #require(try bench.files(bench.folder.outbox).values.first)
        #expect(file.contains("<NbOfTxs>1</NbOfTxs>"))
    }

    @Test("redemptions that together have more digits than a file's sum are paid by several")
    func tooMuchForOneFile() async throws {
        let (bench, mill) = try await bench()
        let most: UInt128 = 999_999_999_999_999_999
        bench.ledger.set { $0.balances[mill.address] = 4 * most }
        for amount in [most - 5, 5, 1, most + 1, 7] {
            bench.ledger.redeem(amount, by: mill.address, payout: mill.payout)
        }
        try await bench.work()
        // One that is too much for any file goes back.
        #expect(try bench.standing() == ["sent", "sent", "sent", "rejected", "sent"])
        #expect(try bench.reasons().isEmpty)
        let counts = try bench.files(bench.folder.outbox).values.map { file in
            file.contains("<CtrlSum>9999999999999999.99</CtrlSum>")
        }
        #expect(counts.count == 2 && counts.contains(true))
    }

    @Test("a file that settings make unwritable is written when they are set right")
    func wrongSettings() async throws {
        let (bench, mill) = try await bench()
        bench.settings.name = "东方银行"
        bench.start()
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "payment-file")
        bench.settings.name = "East Bank"
        bench.start()
        #expect(throws: DeskFault.self) {
            try bench.journal.refuse(found.id, "no", at: bench.now)
        }
        try bench.journal.release(found.id, Decision(), bench.settings, at: bench.now)
        try await bench.work()
        #expect(try bench.standing() == ["sent"])
        #expect(try bench.files(bench.folder.outbox).count == 1)
    }

    @Test("what a node that lags behind would refuse is tried again")
    func laggingNode() async throws {
        for isPaid in [true, false] {
            let (bench, _, file) = try await bench(asked: 1000)
            // Neither can be done to a redemption that is not there in that state.
            bench.ledger.set { $0.redemptions[1]?.state = isPaid ? .requested : .settled }
            try await bench.tell(
                Message.status("P1", of: file, [("1", isPaid ? "ACSC" : "RJCT", "AC04")]))
            #expect(try bench.standing() == [isPaid ? "settling" : "settled"])
            bench.ledger.set { $0.redemptions[1]?.state = .instructed }
            bench.now += 10
            try bench.restart()
            try await bench.work()
            #expect(try bench.standing() == ["settled"])
            #expect(try bench.reasons() == (isPaid ? [] : ["ledger-refused"]))
        }
    }

    @Test("a payment that the bank made, of which the tokens go back by hand, is a person's")
    func paidAndRejectedByHand() async throws {
        let (bench, mill, _) = try await bench(asked: 1000)
        bench.ledger.hold(true)
        try await bench.tell(
            Message.statement("S1", [.debit("10.00", "D1", of: "1")], closing: "90.00"))
        #expect(try bench.standing() == ["settling"])
        bench.ledger.rejectByHand(1)
        bench.ledger.hold(false)
        try await bench.work()
        #expect(try bench.standing() == ["rejected"])
        #expect(bench.ledger.contents.balances[mill.address] == 10_000)
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "ledger-refused" && found.redemption == 1)
        try bench.restart()
        try await bench.work()
        #expect(try bench.reasons() == ["ledger-refused"])
        let statement = try #require(try bench.journal.statement())
        let reconciliation = try await Reconciliation(
            statement, bench.journal, bench.ledger, bench.settings)
        #expect(reconciliation.lines.map(\.kind) == [.decided])
        #expect(reconciliation.unexplained == 0 && !reconciliation.isBalanced)
    }

    @Test("so is one that the bank refused, and that is settled by hand")
    func refusedAndSettledByHand() async throws {
        let (bench, _, file) = try await bench(asked: 1000)
        bench.ledger.hold(true)
        try await bench.tell(Message.status("P1", of: file, [("1", "RJCT", "AC04")]))
        #expect(try bench.standing() == ["rejecting"])
        bench.ledger.spendNonce(of: bench.settings.bank)
        bench.ledger.set { $0.redemptions[1]?.state = .settled }
        bench.ledger.announce(.settled(id: 1))
        bench.ledger.hold(false)
        try await bench.work()
        #expect(try bench.standing() == ["settled"])
        #expect(try bench.reasons() == ["ledger-refused"])
    }

    @Test("a payment that the bank made stays a person's when the redemption returns")
    func paidAndReturned() async throws {
        let (bench, _, file) = try await bench(asked: 1000)
        // The ledger does not settle what it has not in hand.
        bench.ledger.set { $0.redemptions[1]?.state = .requested }
        try await bench.tell(Message.status("P1", of: file, [("1", "ACSC", nil)]))
        #expect(try bench.standing() == ["settling"])
        bench.ledger.returnRedemption(1)
        try await bench.work()
        #expect(try bench.standing() == ["returned"])
        #expect(try bench.reasons() == ["ledger-refused"])
    }

    @Test("what the desk settles and gives back itself is nobody's to look at")
    func endedByTheDesk() async throws {
        let (bench, _, file) = try await bench(asked: 1000, 2000)
        try await bench.tell(
            Message.status("P1", of: file, [("1", "ACSC", nil), ("2", "RJCT", "AC04")]))
        #expect(try bench.standing() == ["settled", "rejected"])
        #expect(try bench.reasons().isEmpty)
    }

    @Test("of a payment of another file, or of another name, a status says nothing")
    func otherFile() async throws {
        let (bench, mill, file) = try await bench(asked: 1000)
        bench.ledger.redeem(2000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(try bench.standing() == ["sent", "sent"])
        try await bench.tell(
            Message.status("P1", of: file, [("2", "RJCT", "AC04"), ("+1", "RJCT", "AC04")]))
        #expect(try bench.standing() == ["sent", "sent"])
        #expect(try bench.reasons() == ["unknown-payment"])
        try await bench.tell(Message.notification("N2", [.debit("10.00", "D1", of: "01")]))
        #expect(try bench.standing() == ["sent", "sent"])
    }
}
