import Ledger
import Testing

@testable import BankDesk

/// Payments of orders that customers ask for in files of their own.
@Suite("Submitted payments")
struct SubmissionTests {
    /// A desk with a buyer that has 100.00 and an order of 50.00.
    private func bench() throws -> (Bench, Customer) {
        let bench = try Bench()
        let buyer = try bench.customer("Buyer", account: "9", isKept: true)
        let token = bench.settings.token
        bench.ledger.set {
            $0.balances[buyer.address] = 10_000
            $0.orders[42] = OrderFacts(buyer: buyer.address, token: token, outstanding: 5000)
        }
        return (bench, buyer)
    }

    private func submit(
        _ bench: Bench, _ payments: [(name: String, amount: String)], _ message: String = "M1"
    ) async throws -> [String] {
        let transfers = payments.map { name, amount in
            """
            <CdtTrfTxInf><PmtId><EndToEndId>\(name)</EndToEndId></PmtId>
            <Amt><InstdAmt Ccy="EUR">\(amount)</InstdAmt></Amt>
            <RmtInf><Ustrd>\(PaymentReference.order(42).text)</Ustrd></RmtInf></CdtTrfTxInf>
            """
        }.joined()
        let file = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
            <GrpHdr><MsgId>\(message)</MsgId><CreDtTm>2025-11-24T10:00:00Z</CreDtTm>
            <NbOfTxs>\(payments.count)</NbOfTxs><InitgPty><Nm>Buyer</Nm></InitgPty></GrpHdr>
            <PmtInf><PmtInfId>P</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2025-11-24</Dt></ReqdExctnDt>
            <Dbtr><Nm>Buyer</Nm></Dbtr><DbtrAcct><Id><Othr><Id>9</Id></Othr></Id></DbtrAcct>
            <DbtrAgt><FinInstnId><Nm>East Bank</Nm></FinInstnId></DbtrAgt>\(transfers)</PmtInf>
            </CstmrCdtTrfInitn></Document>
            """
        return try await Submitting(bench.journal, bench.ledger, bench.settings)
            .submit(Array(file.utf8), at: bench.now).payments.map {
                [$0.state.rawValue, $0.reason].compactMap(\.self).joined(separator: " ")
            }
    }

    @Test("what was paid before takes nothing from what is left for the others of a file")
    func paidBefore() async throws {
        let (bench, _) = try bench()
        #expect(try await submit(bench, [("A", "30.00")]) == ["accepted"])
        // Not paid yet: it shares what is left.
        #expect(
            try await submit(bench, [("A", "30.00"), ("B", "30.00")]) == [
                "accepted", "refused AM09",
            ])
        try await bench.work()
        #expect(
            try await submit(bench, [("A", "10.00"), ("B", "20.00")])
                == ["refused AM05", "accepted"])
        try await bench.work()
        #expect(bench.ledger.contents.done == ["fund 42 3000", "fund 42 2000"])
        #expect(try await submit(bench, [("A", "30.00"), ("B", "20.00")]) == ["paid", "paid"])
    }

    @Test(
        "of two payments of one name in one file the second is refused"
    )
    func twoOfOneName() async throws {
        let (bench, _) = try bench()
        let file = [("NOTPROVIDED", "10.00"), ("NOTPROVIDED", "10.00")]
        #expect(try await submit(bench, file) == ["accepted", "refused DU04"])
        try await bench.work()
        #expect(try await submit(bench, file) == ["paid", "refused DU04"])
        #expect(bench.ledger.contents.done == ["fund 42 1000"])
    }

    @Test("a payment whose nonce another transaction has is not told as refused: a person looks")
    func nonceTaken() async throws {
        for wasPaid in [false, true] {
            let (bench, buyer) = try bench()
            _ = try await submit(bench, [("A", "30.00")])
            bench.ledger.hold(true)
            try await bench.work()
            bench.ledger.dropPool()
            bench.ledger.spendNonce(of: buyer.address)
            bench.ledger.hold(false)
            try await bench.work()
            #expect(try await submit(bench, [("A", "30.00")]) == ["unclear"])
            #expect(try bench.reasons() == ["payment-unknown"])
            #expect(bench.ledger.contents.done.isEmpty)
            let found = try #require(try bench.journal.cases().first)
            if wasPaid {
                try bench.journal.refuse(found.id, "it is paid", at: bench.now)
            } else {
                try bench.journal.release(found.id, Decision(), bench.settings, at: bench.now)
            }
            try await bench.work()
            #expect(try await submit(bench, [("A", "30.00")]) == ["paid"])
            #expect(bench.ledger.contents.done == (wasPaid ? [] : ["fund 42 3000"]))
            #expect(try bench.reasons().isEmpty)
        }
    }
}
